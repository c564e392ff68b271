import { type ColumnType, type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';
import type { ReservationStatus } from './contract.ts';

export type InventoryDatabase = OutboxTables & {
  stock: {
    sku: string;
    /** Pieces in the house, reserved ones among them. */
    on_hand: number;
    reserved: Generated<number>;
    /**
     * Pieces that came after the first delivery, corrections by staff included: the books balance when what is on hand and
     * what was sold are the first delivery and these.
     */
    received: Generated<number>;
    /** When the delivery that has been ordered arrives. */
    restock_at: Date | null;
  };
  reservations: {
    order_id: string;
    status: ReservationStatus;
    expires_at: Date;
    created_at: ColumnType<Date, Date | undefined, never>;
    updated_at: Generated<Date>;
  };
  reservation_lines: { order_id: string; sku: string; quantity: number };
};

const schema = `
  CREATE TABLE stock (
    sku text PRIMARY KEY,
    on_hand integer NOT NULL CHECK (on_hand >= 0),
    reserved integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    restock_at timestamptz,
    CONSTRAINT never_oversold CHECK (reserved <= on_hand)
  );
  CREATE INDEX stock_restock_at ON stock (restock_at) WHERE restock_at IS NOT NULL;
  CREATE TABLE reservations (
    order_id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('held', 'committed', 'released', 'expired')),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX reservations_expiry ON reservations (expires_at) WHERE status = 'held';
  CREATE TABLE reservation_lines (
    order_id uuid NOT NULL REFERENCES reservations,
    sku text NOT NULL REFERENCES stock,
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
  );
`;

/** What had come to rows that were there before it was noted. */
const receivedSchema = `
  ALTER TABLE stock ADD COLUMN received integer NOT NULL DEFAULT 0;
  UPDATE stock SET received = on_hand - 60 + coalesce(
    (SELECT sum(quantity) FROM reservation_lines JOIN reservations USING (order_id)
     WHERE status = 'committed' AND reservation_lines.sku = stock.sku), 0);
`;

/** In the order of their names; what has been applied somewhere is never changed. */
export const inventoryMigrations: Record<string, Migration> = {
  '001-outbox': outboxMigration,
  '002-inventory': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
  '003-received': {
    up: async (db) => {
      await sql.raw(receivedSchema).execute(db);
    },
  },
};
