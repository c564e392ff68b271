import { type ColumnType, type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';
import type { PaymentStatus } from './contract.ts';

export type PaymentsDatabase = OutboxTables & {
  payments: {
    payment_id: string;
    /** Null for a payment that was voided before it was asked for. */
    order_id: string | null;
    request_hash: string | null;
    amount_minor: number;
    currency: string | null;
    status: PaymentStatus;
    decline_reason: string | null;
    /** Until when the acquirer keeps what it authorised. */
    expires_at: Date | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  refunds: {
    payment_id: string;
    refund_id: string;
    amount_minor: number;
    done: boolean;
    created_at: Generated<Date>;
  };
  'acquirer.charges': {
    key: string;
    outcome: 'approved' | 'declined' | 'voided';
    amount_minor: number;
    currency: string | null;
    reason: string | null;
    at: ColumnType<Date, Date, never>;
    /** When an approved amount was taken, or let go; neither: it is held until `expires_at`. */
    captured_at: Date | null;
    voided_at: Date | null;
    expires_at: Date | null;
  };
  'acquirer.refunds': {
    key: string;
    /** Empty: the charge was reversed as a whole. */
    refund_key: string;
    amount_minor: number;
    at: ColumnType<Date, Date, never>;
  };
};

/** The acquirer is another company: its books are a schema of their own, and payments never reads them. */
const schema = `
  CREATE TABLE payments (
    payment_id text PRIMARY KEY,
    order_id uuid,
    request_hash text,
    amount_minor integer NOT NULL CHECK (amount_minor >= 0),
    currency text,
    status text NOT NULL CHECK (status IN ('pending', 'authorised', 'declined', 'refunded', 'voided')),
    decline_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX payments_order ON payments (order_id);
  CREATE SCHEMA acquirer;
  CREATE TABLE acquirer.charges (
    key text PRIMARY KEY,
    outcome text NOT NULL CHECK (outcome IN ('approved', 'declined', 'voided')),
    amount_minor integer NOT NULL,
    currency text,
    reason text,
    at timestamptz NOT NULL
  );
  CREATE TABLE acquirer.refunds (
    key text PRIMARY KEY REFERENCES acquirer.charges,
    amount_minor integer NOT NULL,
    at timestamptz NOT NULL
  );
`;

/** Refunds of a part, or several; on the acquirer's side too. */
const refundsSchema = `
  CREATE TABLE refunds (
    payment_id text NOT NULL REFERENCES payments,
    refund_id text NOT NULL,
    amount_minor integer NOT NULL CHECK (amount_minor > 0),
    done boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (payment_id, refund_id)
  );
  ALTER TABLE acquirer.refunds ADD COLUMN refund_key text NOT NULL DEFAULT '';
  ALTER TABLE acquirer.refunds DROP CONSTRAINT refunds_pkey;
  ALTER TABLE acquirer.refunds ADD PRIMARY KEY (key, refund_key);
`;

/** Until here, what was approved was taken at once. */
const captureSchema = `
  ALTER TABLE payments ADD COLUMN expires_at timestamptz;
  ALTER TABLE payments DROP CONSTRAINT payments_status_check;
  UPDATE payments SET status = 'captured' WHERE status = 'authorised';
  ALTER TABLE payments ADD CONSTRAINT payments_status_check CHECK (status IN ('pending', 'authorised', 'declined',
    'capturing', 'captured', 'voiding', 'voided', 'expired', 'refunded'));
  ALTER TABLE acquirer.charges ADD COLUMN captured_at timestamptz, ADD COLUMN voided_at timestamptz,
    ADD COLUMN expires_at timestamptz;
  UPDATE acquirer.charges SET captured_at = at WHERE outcome = 'approved';
`;

/** In the order of their names; what has been applied somewhere is never changed. */
export const paymentsMigrations: Record<string, Migration> = {
  '001-outbox': outboxMigration,
  '002-payments': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
  '003-refunds': {
    up: async (db) => {
      await sql.raw(refundsSchema).execute(db);
    },
  },
  '004-capture': {
    up: async (db) => {
      await sql.raw(captureSchema).execute(db);
    },
  },
};
