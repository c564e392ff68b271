import { type ColumnType, type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';
import type { Order, OrderLine, Rebuild } from './contract.ts';
import type { CancelReason, OrderState } from './order.ts';

type OrdersTable = {
  order_id: string;
  version: number;
  status: Order['status'];
  cancel_reason: ColumnType<CancelReason | null, string | null, string | null>;
  total_minor: number;
  refunded_minor: Generated<number>;
  /** Until when the customer may answer their bank; null: it does not ask. */
  challenge_until: Date | null;
  currency: string;
  lines: ColumnType<OrderLine[], string, string>;
  /** Who placed it; nobody else may read it. */
  session_id: string | null;
  user_id: string | null;
  placed_at: Date;
  updated_at: Date;
};

export type OrdersDatabase = OutboxTables & {
  order_events: {
    stream: string;
    version: number;
    type: string;
    data: ColumnType<unknown, string, never>;
    at: ColumnType<Date, Date, never>;
  };
  checkouts: {
    cart_id: string;
    idempotency_key: string;
    request_hash: string;
    order_id: string;
    created_at: Generated<Date>;
  };
  orders: OrdersTable;
  /** What is to replace `orders`; there while it is made anew. */
  orders_next: OrdersTable;
  projection_rebuilds: {
    rebuild_id: Generated<string>;
    requested_by: ColumnType<string, string, never>;
    state: Rebuild['state'];
    /** How many orders have been read so far. */
    orders: number;
    /** Why it failed. */
    reason: string | null;
    started_at: ColumnType<Date, Date, never>;
    ended_at: Date | null;
  };
  order_snapshots: {
    stream: string;
    version: number;
    /** With what the events up to there were folded; to code that folds otherwise it is none. */
    fold_version: number;
    state: ColumnType<OrderState, string, string>;
  };
  saga_work: {
    order_id: string;
    next_attempt_at: Date;
    attempts: Generated<number>;
  };
};

/**
 * `order_events` is the truth and is only ever appended to (a trigger refuses anything else); `orders` is what is read
 * and can be rebuilt from it; `saga_work` lists the orders that are not finished and when to look at them.
 */
const schema = `
  CREATE TABLE order_events (
    stream uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    type text NOT NULL,
    data jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (stream, version)
  );
  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'order_events is append-only';
  END $$;
  CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
  CREATE TABLE checkouts (
    cart_id text NOT NULL,
    idempotency_key text NOT NULL,
    request_hash text NOT NULL,
    order_id uuid NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cart_id, idempotency_key)
  );
  CREATE TABLE orders (
    order_id uuid PRIMARY KEY,
    version integer NOT NULL,
    status text NOT NULL CHECK (status IN ('placed', 'confirmed', 'cancelled')),
    cancel_reason jsonb,
    total_minor integer NOT NULL,
    currency text NOT NULL,
    lines jsonb NOT NULL,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  );
  CREATE TABLE saga_work (
    order_id uuid PRIMARY KEY,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0
  );
  CREATE INDEX saga_work_due ON saga_work (next_attempt_at);
`;

/** Who placed an order, as its log says. */
const sessionSchema = `
  ALTER TABLE orders ADD COLUMN session_id text;
  UPDATE orders SET session_id = placed.data ->> 'sessionId'
    FROM order_events placed WHERE placed.stream = orders.order_id AND placed.version = 1;
`;

/** Whose orders they are, for those who signed in. */
const userSchema = `
  ALTER TABLE orders ADD COLUMN user_id text;
  CREATE INDEX orders_user ON orders (user_id, placed_at DESC) WHERE user_id IS NOT NULL;
`;

/** Orders that wait for a person, found without looking at the others; and the newest of all, for the staff. */
const humanSchema = `
  ALTER TABLE orders DROP CONSTRAINT orders_status_check;
  ALTER TABLE orders ADD CONSTRAINT orders_status_check CHECK (status IN ('placed', 'confirmed', 'cancelled', 'needs_human'));
  CREATE INDEX orders_need_human ON orders (order_id) WHERE status = 'needs_human';
  CREATE INDEX orders_newest ON orders (placed_at DESC);
`;

const refundSchema = `
  ALTER TABLE orders ADD COLUMN refunded_minor integer NOT NULL DEFAULT 0;
  ALTER TABLE orders DROP CONSTRAINT orders_status_check;
  ALTER TABLE orders ADD CONSTRAINT orders_status_check
    CHECK (status IN ('placed', 'confirmed', 'cancelled', 'needs_human', 'refund_requested', 'refunded'));
`;

const challengeSchema = `
  ALTER TABLE orders ADD COLUMN challenge_until timestamptz, DROP CONSTRAINT orders_status_check;
  ALTER TABLE orders ADD CONSTRAINT orders_status_check CHECK (status IN ('placed', 'payment_challenged', 'confirmed',
    'cancelled', 'needs_human', 'refund_requested', 'refunded'));
`;

/** The state of an order some events ago: of no value of its own, and safe to be deleted. */
const snapshotSchema = `
  CREATE TABLE order_snapshots (
    stream uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    fold_version integer NOT NULL,
    state jsonb NOT NULL
  );
`;

/** Who had the projection made anew; one at a time. */
const rebuildSchema = `
  CREATE TABLE projection_rebuilds (
    rebuild_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    requested_by text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    orders integer NOT NULL,
    reason text,
    started_at timestamptz NOT NULL,
    ended_at timestamptz
  );
  CREATE UNIQUE INDEX projection_rebuilds_running ON projection_rebuilds (state) WHERE state = 'running';
`;

/** The newest first, of all, of a status, of a customer; a page begins where the one before it ended. */
const searchSchema = `
  DROP INDEX orders_newest, orders_need_human, orders_user;
  CREATE INDEX orders_newest ON orders (placed_at DESC, order_id DESC);
  CREATE INDEX orders_status ON orders (status, placed_at DESC, order_id DESC);
  CREATE INDEX orders_user ON orders (user_id, placed_at DESC, order_id DESC) WHERE user_id IS NOT NULL;
`;

/** In the order of their names; what has been applied somewhere is never changed. */
export const ordersMigrations: Record<string, Migration> = {
  '001-outbox': outboxMigration,
  '002-orders': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
  '003-session': {
    up: async (db) => {
      await sql.raw(sessionSchema).execute(db);
    },
  },
  '004-user': {
    up: async (db) => {
      await sql.raw(userSchema).execute(db);
    },
  },
  '005-human': {
    up: async (db) => {
      await sql.raw(humanSchema).execute(db);
    },
  },
  '006-refunds': {
    up: async (db) => {
      await sql.raw(refundSchema).execute(db);
    },
  },
  '007-challenge': {
    up: async (db) => {
      await sql.raw(challengeSchema).execute(db);
    },
  },
  '008-snapshots': {
    up: async (db) => {
      await sql.raw(snapshotSchema).execute(db);
    },
  },
  '009-rebuilds': {
    up: async (db) => {
      await sql.raw(rebuildSchema).execute(db);
    },
  },
  '010-search': {
    up: async (db) => {
      await sql.raw(searchSchema).execute(db);
    },
  },
};
