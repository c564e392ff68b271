import { type Kysely, sql, type Transaction } from 'kysely';
import type { Caller } from '#services/kit/caller';
import { appendEvent } from '#services/kit/outbox';
import { announceChanges } from './changes.ts';
import {
  type Category,
  events,
  type Product,
  type ProductList,
  type ProductSummary,
  type Variant,
} from './contract.ts';
import type { CatalogTables } from './schema.ts';

/** The same number in every instance: only one of them fills an empty catalogue. */
const seedLock = 4_102;

type ListQuery = { category?: Category | undefined; ids?: string[] | undefined; limit: number; offset: number };

export type CatalogStore = {
  /** Puts the assortment into an empty catalogue, with `product.changed` for each. @returns how many were put */
  seed: (assortment: readonly Product[], nowMs: number) => Promise<number>;
  list: (query: ListQuery) => Promise<ProductList>;
  find: (id: string) => Promise<Product | null>;
  findVariant: (sku: string) => Promise<Variant | null>;
  /** The first products in the shop's order, `limit` at most. */
  readAll: (limit: number) => Promise<Product[]>;
  /** Appends `product.viewed`. */
  noteView: (product: Product, caller: Caller, nowMs: number) => Promise<void>;
};

/** @param read where products are read; the primary when left out */
export function createCatalogStore(
  db: Kysely<CatalogTables>,
  read: <Result>(work: (db: Kysely<CatalogTables>) => Promise<Result>) => Promise<Result> = (work) => work(db),
): CatalogStore {
  return {
    seed: (assortment, nowMs) => db.transaction().execute((trx) => seed(trx, assortment, nowMs)),
    list: (query) => read((reads) => list(reads, query)),
    find: (id) =>
      read(async (reads) => {
        const row = await reads.selectFrom('products').select('product').where('id', '=', id).executeTakeFirst();
        return row?.product ?? null;
      }),
    findVariant: (sku) =>
      read(async (reads) => {
        const row = await reads.selectFrom('variants').select('variant').where('sku', '=', sku).executeTakeFirst();
        return row?.variant ?? null;
      }),
    readAll: (limit) =>
      read(async (reads) => {
        const rows = await reads.selectFrom('products').select('product').orderBy('position').limit(limit).execute();
        return rows.map(({ product }) => product);
      }),
    noteView: (product, caller, nowMs) =>
      appendEvent(db, events, {
        type: 'product.viewed',
        subject: product.id,
        timeMs: nowMs,
        data: {
          productId: product.id,
          category: product.category,
          priceMinor: product.priceMinor,
          currency: product.currency,
          ...caller,
        },
      }),
  };
}

async function seed(trx: Transaction<CatalogTables>, assortment: readonly Product[], nowMs: number): Promise<number> {
  await sql`select pg_advisory_xact_lock(${seedLock})`.execute(trx);
  const filled = await trx.selectFrom('products').select('id').limit(1).executeTakeFirst();
  if (filled !== undefined) return 0;
  const products = assortment.map((product, position) => ({ ...product, position }));
  await sql`
    insert into products (id, position, category, product, regular_minor)
    select p->>'id', (p->>'position')::int, p->>'category', p - 'position', (p->>'priceMinor')::int
    from jsonb_array_elements(${JSON.stringify(products)}::jsonb) as p`.execute(trx);
  await sql`
    insert into variants (sku, product_id, variant)
    select v->>'sku', v->>'productId', v
    from jsonb_array_elements(${JSON.stringify(assortment.flatMap(({ variants }) => variants))}::jsonb) as v`.execute(
    trx,
  );
  await announceChanges(trx, assortment, nowMs);
  return assortment.length;
}

async function list(db: Kysely<CatalogTables>, { category, ids, limit, offset }: ListQuery): Promise<ProductList> {
  const ofCategory = category === undefined ? sql`true` : sql`category = ${category}`;
  const wanted = ids === undefined ? ofCategory : sql`${ofCategory} and id = any(${ids}::text[])`;
  const { rows } = await sql<{ total: number; items: ProductSummary[] }>`
    select
      (select count(*)::int from products where ${wanted}) as total,
      coalesce(
        (select jsonb_agg(summary order by position) from (
          select product - 'variants' - 'sizes' - 'description' as summary, position
          from products where ${wanted} order by position limit ${limit} offset ${offset}) as page),
        '[]'::jsonb) as items`.execute(db);
  const { total = 0, items = [] } = rows[0] ?? {};
  return { items, total, limit, offset };
}
