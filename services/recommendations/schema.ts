import { sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type InboxTables, inboxMigration } from '#services/kit/inbox';

export type RecommendationsTables = InboxTables & {
  /** In how many orders a product was. */
  products: { product_id: string; orders: number };
  /** In how many orders two products were together; `first_id` is the smaller. */
  pairs: { first_id: string; second_id: string; together: number };
};

const schema = `
  CREATE TABLE products (product_id text PRIMARY KEY, orders integer NOT NULL);
  CREATE INDEX products_popular ON products (orders DESC, product_id);
  CREATE TABLE pairs (
    first_id text NOT NULL,
    second_id text NOT NULL,
    together integer NOT NULL,
    PRIMARY KEY (first_id, second_id),
    CHECK (first_id < second_id)
  );
  CREATE INDEX pairs_second ON pairs (second_id);
`;

export const migrations: Record<string, Migration> = {
  '0001_inbox': inboxMigration,
  '0002_model': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
};
