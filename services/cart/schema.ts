import { type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type InboxTables, inboxMigration } from '#services/kit/inbox';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';

export type CartTables = OutboxTables &
  InboxTables & {
    cart_items: {
      cart_id: string;
      sku: string;
      product_id: string;
      name: string;
      brand: string;
      colour: string;
      size: string;
      quantity: number;
      unit_price_minor: number;
      previous_price_minor: Generated<number | null>;
      added_at: Generated<Date>;
    };
    /** When the catalogue last told of a change. */
    product_changes: { product_id: string; heard_at: Date };
  };

export const migrations: Record<string, Migration> = {
  '0001_outbox': outboxMigration,
  '0002_inbox': inboxMigration,
  '0003_cart_items': {
    up: async (db) => {
      await sql`
        create table cart_items (
          cart_id text not null,
          sku text not null,
          product_id text not null,
          name text not null,
          brand text not null,
          colour text not null,
          size text not null,
          quantity integer not null check (quantity > 0),
          unit_price_minor integer not null check (unit_price_minor >= 0),
          added_at timestamptz not null default now(),
          primary key (cart_id, sku)
        )`.execute(db);
    },
  },
  '0004_price_notice': {
    up: async (db) => {
      await sql`alter table cart_items add column previous_price_minor integer`.execute(db);
      await sql`create index cart_items_product on cart_items (product_id)`.execute(db);
      await sql`create index cart_items_age on cart_items (added_at)`.execute(db);
    },
  },
  '0005_product_changes': {
    up: async (db) => {
      await sql`create table product_changes (product_id text primary key, heard_at timestamptz not null)`.execute(db);
    },
  },
};
