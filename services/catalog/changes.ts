import { type Kysely, sql, type Transaction } from 'kysely';
import { appendEvents } from '#services/kit/outbox';
import { type Changes, events, type Product } from './contract.ts';
import type { CatalogTables } from './schema.ts';

/** Changes are made one at a time: their numbers become visible in their order, and no reader of the feed skips one. */
const changesLock = 4_103;

/** Held until the transaction ends; asking again for what one has does not wait. */
export async function lockChanges(trx: Transaction<CatalogTables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${changesLock})`.execute(trx);
}

/** Numbers the changes of products and tells of them, in the transaction that makes them. */
export async function announceChanges(
  trx: Transaction<CatalogTables>,
  products: readonly Pick<Product, 'id' | 'variants'>[],
  nowMs: number,
): Promise<void> {
  await lockChanges(trx);
  await sql`
    insert into changes (product_id)
    select id from unnest(${products.map(({ id }) => id)}::text[]) with ordinality as changed (id, position)
    order by position
    on conflict (product_id) do update set seq = nextval('change_numbers'), at = now()`.execute(trx);
  await appendEvents(
    trx,
    events,
    products.map(({ id, variants }) => ({
      type: 'product.changed' as const,
      subject: id,
      timeMs: nowMs,
      data: { productId: id, skus: variants.map(({ sku }) => sku) },
    })),
  );
}

/** The products that changed after a number, oldest change first. */
export async function readChanges(
  db: Kysely<CatalogTables>,
  { after, limit }: { after: number; limit: number },
): Promise<Changes> {
  const rows = await db
    .selectFrom('changes')
    .innerJoin('products', 'products.id', 'changes.product_id')
    .select(['changes.seq', 'products.product'])
    .where('changes.seq', '>', String(after))
    .orderBy('changes.seq')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const next = Number(page.at(-1)?.seq ?? after);
  return { items: page.map(({ product }) => product), next, more: rows.length > limit };
}
