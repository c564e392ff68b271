import { sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type InboxTables, inboxMigration } from '#services/kit/inbox';

export type AnalyticsTables = InboxTables & {
  minutes: {
    minute: Date;
    views: number;
    carts: number;
    searches: number;
    placed: number;
    confirmed: number;
    cancelled: number;
    refunded: number;
    revenue_minor: string;
    refunded_minor: string;
  };
  /** `furthest`: 0 seen, 1 viewed a product, 2 cart, 3 checkout, 4 paid. */
  sessions: { session_id: string; first_at: Date; furthest: number };
};

const schema = `
  CREATE TABLE minutes (
    minute timestamptz PRIMARY KEY,
    views integer NOT NULL DEFAULT 0,
    carts integer NOT NULL DEFAULT 0,
    searches integer NOT NULL DEFAULT 0,
    placed integer NOT NULL DEFAULT 0,
    confirmed integer NOT NULL DEFAULT 0,
    cancelled integer NOT NULL DEFAULT 0,
    revenue_minor bigint NOT NULL DEFAULT 0
  );
  CREATE TABLE sessions (session_id text PRIMARY KEY, first_at timestamptz NOT NULL, furthest smallint NOT NULL);
  CREATE INDEX sessions_first ON sessions (first_at);
`;

const refunds = `
  ALTER TABLE minutes
    ADD COLUMN refunded integer NOT NULL DEFAULT 0, ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0;
`;

export const migrations: Record<string, Migration> = {
  '0001_inbox': inboxMigration,
  '0002_aggregates': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
  '0003_refunds': {
    up: async (db) => {
      await sql.raw(refunds).execute(db);
    },
  },
};
