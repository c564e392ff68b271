import { type ColumnType, type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import type { Flag } from '#services/kit/flags/flag-file';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';
import type { Outcome } from './contract.ts';

export type AdminTables = OutboxTables & {
  /** The flags as they were last seen in the file. */
  flag_states: { key: string; definition: ColumnType<Flag, string, string> };
  audit: {
    entry_id: Generated<string>;
    at: ColumnType<Date, Date, never>;
    actor: ColumnType<string, string, never>;
    action: ColumnType<string, string, never>;
    target: ColumnType<string, string, never>;
    details: ColumnType<Record<string, unknown>, string, never>;
    outcome: Outcome;
  };
};

/** What somebody did stays what they did: only how it came out is added, once. */
const schema = `
  CREATE TABLE audit (
    entry_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    details jsonb NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('begun', 'done', 'refused', 'failed'))
  );
  CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'UPDATE' AND OLD.outcome = 'begun' AND NEW.outcome <> 'begun'
      AND (NEW.entry_id, NEW.at, NEW.actor, NEW.action, NEW.target, NEW.details)
        = (OLD.entry_id, OLD.at, OLD.actor, OLD.action, OLD.target, OLD.details) THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is not rewritten';
  END $$;
  CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
`;

export const migrations: Record<string, Migration> = {
  '0001_audit': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
  '0010_outbox': outboxMigration,
  '0011_flags': {
    up: async (db) => {
      await sql`create table flag_states (key text primary key, definition jsonb not null)`.execute(db);
    },
  },
  '0012_audit_target': {
    up: async (db) => {
      await sql`create index audit_target on audit (target, entry_id desc)`.execute(db);
    },
  },
};
