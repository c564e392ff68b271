import { type ColumnType, type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';
import type { Product, Sale, Variant } from './contract.ts';

export type CatalogTables = OutboxTables & {
  /** Read as a whole and never searched inside: the document is kept as the API shows it. */
  products: { id: string; position: number; category: string; product: Product; regular_minor: number };
  variants: { sku: string; product_id: string; variant: Variant };
  /** Prices for a time; a product has one of them at a time. `state` says what has been announced. */
  sales: {
    id: string;
    product_id: string;
    price_minor: number;
    validity: ColumnType<string, string, never>;
    state: Generated<Sale['state']>;
  };
  /** The change feed: one row per product, with the number of its last change. */
  changes: { product_id: string; seq: Generated<string>; at: Generated<Date> };
};

export const migrations: Record<string, Migration> = {
  '0001_outbox': outboxMigration,
  '0002_products': {
    up: async (db) => {
      await sql`
        create table products (
          id text primary key,
          position integer not null unique,
          category text not null,
          product jsonb not null
        )`.execute(db);
      await sql`create index products_by_category on products (category, position)`.execute(db);
      await sql`
        create table variants (
          sku text primary key,
          product_id text not null references products (id),
          variant jsonb not null
        )`.execute(db);
    },
  },
  '0003_changes': {
    up: async (db) => {
      await sql`create sequence change_numbers`.execute(db);
      await sql`
        create table changes (
          product_id text primary key references products (id),
          seq bigint not null unique default nextval('change_numbers'),
          at timestamptz not null default now()
        )`.execute(db);
      await sql`insert into changes (product_id) select id from products order by position`.execute(db);
    },
  },
  '0004_sales': {
    up: async (db) => {
      await sql`alter table products add column regular_minor integer`.execute(db);
      await sql`update products set regular_minor = (product->>'priceMinor')::integer`.execute(db);
      await sql`alter table products alter column regular_minor set not null`.execute(db);
      await sql`create extension if not exists btree_gist`.execute(db);
      await sql`
        create table sales (
          id uuid primary key,
          product_id text not null references products (id),
          price_minor integer not null check (price_minor > 0),
          validity tstzrange not null check (lower(validity) < upper(validity)),
          state text not null default 'scheduled' check (state in ('scheduled', 'running', 'ended')),
          constraint one_sale_at_a_time exclude using gist (product_id with =, validity with &&)
        )`.execute(db);
      await sql`create index sales_to_turn on sales (state) where state <> 'ended'`.execute(db);
    },
  },
};
