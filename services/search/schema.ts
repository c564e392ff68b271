import { type ColumnType, sql } from 'kysely';
import type { Product } from '#services/catalog/contract';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';

export type SearchTables = OutboxTables & {
  /** What can be found. `lexemes` and `words` are made from the other columns by the database. */
  documents: {
    id: string;
    product: ColumnType<Product, string, string>;
    category: string;
    brand: string;
    colours: string[];
    price_minor: number;
  };
  /** How far the catalogue's change feed has been read: one row. */
  progress: { feed: string; next: string };
};

const schema = `
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE TABLE documents (
    id text PRIMARY KEY,
    product jsonb NOT NULL,
    category text NOT NULL,
    brand text NOT NULL,
    colours text[] NOT NULL,
    price_minor integer NOT NULL,
    lexemes tsvector NOT NULL GENERATED ALWAYS AS (
      setweight(to_tsvector('english', product ->> 'name'), 'A') ||
      setweight(to_tsvector('english', category || ' ' || brand), 'B') ||
      setweight(to_tsvector('english', product ->> 'colours'), 'C') ||
      setweight(to_tsvector('english', product ->> 'description'), 'D')
    ) STORED,
    words text NOT NULL GENERATED ALWAYS AS (
      lower((product ->> 'name') || ' ' || category || ' ' || brand || ' ' || (product ->> 'colours'))
    ) STORED
  );
  CREATE INDEX documents_lexemes ON documents USING gin (lexemes);
  CREATE TABLE progress (feed text PRIMARY KEY, next bigint NOT NULL);
`;

export const migrations: Record<string, Migration> = {
  '0001_outbox': outboxMigration,
  '0002_documents': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
};
