import { type ColumnType, type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';
import type { DifferenceKind } from './compare.ts';
import type { PaymentStatus } from './contract.ts';

/** What a customer asked their bank to take back: under way, or decided. */
export type DisputeState = 'open' | 'won' | 'lost';

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
    challenge_token: Generated<string | null>;
    /** Until when the acquirer keeps what it authorised. */
    expires_at: Date | null;
    /** When the acquirer said that what was captured is on its way to our account. */
    settled_at: Date | null;
    dispute: DisputeState | null;
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
  /** What the acquirer told us, by the id of the message. */
  webhooks: {
    webhook_id: string;
    type: string;
    body: ColumnType<unknown, string, never>;
    /** False: of a type, or about a payment, that we do not know. */
    understood: boolean;
    received_at: Date;
  };
  /** Where our books and the acquirer's differ. */
  differences: {
    payment_id: string;
    kind: DifferenceKind;
    found_at: Date;
    /** When both agreed again, by themselves or because it was mended; null: still open. */
    closed_at: Date | null;
  };
  /** One row: until when the acquirer's report was compared. */
  reconciliation: { id: boolean; until: Date };
  'acquirer.charges': {
    key: string;
    outcome: 'approved' | 'declined' | 'challenge' | 'voided';
    amount_minor: number;
    currency: string | null;
    reason: string | null;
    at: ColumnType<Date, Date, never>;
    /** When an approved amount was taken, or let go; neither: it is held until `expires_at`. */
    captured_at: Date | null;
    voided_at: Date | null;
    expires_at: Date | null;
    changed_at: Date;
    challenge_token: string | null;
    /** How it ends when the customer asks their bank to take it back; null: they do not. */
    dispute: 'won' | 'lost' | null;
    /** When that is decided; null: it has been, or there is nothing to decide. */
    dispute_closes_at: Date | null;
  };
  'acquirer.deliveries': {
    webhook_id: string;
    body: string;
    next_attempt_at: Date;
    attempts: number;
    delivered: boolean;
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

const reconciliationSchema = `
  ALTER TABLE payments ADD COLUMN settled_at timestamptz,
    ADD COLUMN dispute text CHECK (dispute IN ('open', 'won', 'lost'));
  CREATE INDEX payments_updated ON payments (updated_at);
  CREATE TABLE webhooks (
    webhook_id text PRIMARY KEY,
    type text NOT NULL,
    body jsonb NOT NULL,
    understood boolean NOT NULL,
    received_at timestamptz NOT NULL
  );
  CREATE TABLE differences (
    payment_id text PRIMARY KEY,
    kind text NOT NULL,
    found_at timestamptz NOT NULL,
    closed_at timestamptz
  );
  CREATE INDEX differences_open ON differences (found_at) WHERE closed_at IS NULL;
  CREATE TABLE reconciliation (id boolean PRIMARY KEY DEFAULT true CHECK (id), until timestamptz NOT NULL);
  ALTER TABLE acquirer.charges ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN disputed boolean NOT NULL DEFAULT false;
  CREATE INDEX charges_changed ON acquirer.charges (changed_at);
  CREATE TABLE acquirer.deliveries (
    webhook_id text PRIMARY KEY,
    body text NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    delivered boolean NOT NULL
  );
  CREATE INDEX deliveries_due ON acquirer.deliveries (next_attempt_at) WHERE NOT delivered;
`;

const challengeSchema = `
  ALTER TABLE payments ADD COLUMN challenge_token text, DROP CONSTRAINT payments_status_check;
  ALTER TABLE payments ADD CONSTRAINT payments_status_check CHECK (status IN ('pending', 'challenged', 'authorised',
    'declined', 'capturing', 'captured', 'voiding', 'voided', 'expired', 'refunded'));
  ALTER TABLE acquirer.charges ADD COLUMN challenge_token text, DROP CONSTRAINT charges_outcome_check;
  ALTER TABLE acquirer.charges ADD CONSTRAINT charges_outcome_check
    CHECK (outcome IN ('approved', 'declined', 'challenge', 'voided'));
`;

/** Until here, every dispute was won. */
const disputeSchema = `
  ALTER TABLE acquirer.charges ADD COLUMN dispute text CHECK (dispute IN ('won', 'lost')),
    ADD COLUMN dispute_closes_at timestamptz;
  UPDATE acquirer.charges SET dispute = 'won' WHERE disputed;
  CREATE INDEX charges_disputed ON acquirer.charges (dispute_closes_at) WHERE dispute_closes_at IS NOT NULL;
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
  '005-reconciliation': {
    up: async (db) => {
      await sql.raw(reconciliationSchema).execute(db);
    },
  },
  '006-challenge': {
    up: async (db) => {
      await sql.raw(challengeSchema).execute(db);
    },
  },
  '007-disputes': {
    up: async (db) => {
      await sql.raw(disputeSchema).execute(db);
    },
  },
};
