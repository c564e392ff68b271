import { type Kysely, sql } from 'kysely';
import type { CloudEvent } from '#process/bus/cloud-event';
import { productChangedSchema, variantSchema } from '#services/catalog/contract';
import { UnexpectedAnswerError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';
import type { Cart } from './contract.ts';
import type { CartTables } from './schema.ts';

/** So long after a change, an answer of the catalogue's may still come from a cache that has not heard of it. */
const unsureForMs = 60_000;

export type PriceDeps = { db: Kysely<CartTables>; catalog: Client; now: () => number };

/**
 * Brings carts to the price of now, and keeps the one that their owner saw. The catalogue is asked for the price, so that
 * it does not matter in which order events come, or how often.
 * @throws ZodError, UnansweredError, UnexpectedAnswerError: the event is tried again
 */
export async function onProductChanged(deps: PriceDeps, event: CloudEvent): Promise<void> {
  const { db, now } = deps;
  const { productId } = productChangedSchema.parse(event.data);
  const heardAt = new Date(now());
  // Before the carts are read: whoever puts the article in meanwhile finds this, or is found.
  await db
    .insertInto('product_changes')
    .values({ product_id: productId, heard_at: heardAt })
    .onConflict((conflict) => conflict.column('product_id').doUpdateSet({ heard_at: heardAt }))
    .execute();
  const rows = await db.selectFrom('cart_items').select('sku').distinct().where('product_id', '=', productId).execute();
  for (const { sku } of rows) await bringToPrice(deps, sku);
}

/**
 * To be called once a change of a cart is stored: what was put in at a price that changed meanwhile has the new one.
 * @returns whether the cart may have changed
 */
export async function bringUpToDate(deps: PriceDeps, { items }: Cart): Promise<boolean> {
  const { db, now } = deps;
  if (items.length === 0) return false;
  const changed = await db
    .selectFrom('product_changes')
    .select('product_id')
    .where('product_id', 'in', [...new Set(items.map(({ productId }) => productId))])
    .where('heard_at', '>', new Date(now() - unsureForMs))
    .execute();
  const products = new Set(changed.map((row) => row.product_id));
  const unsure = items.filter(({ productId }) => products.has(productId));
  for (const { sku } of unsure) await bringToPrice(deps, sku);
  return unsure.length > 0;
}

/** One at a time for a SKU: of two that ask, the later one has the later price, and writes last. */
async function bringToPrice({ db, catalog }: PriceDeps, sku: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`price of ${sku}`}, 0))`.execute(trx);
    const answer = await catalog.get(`/variants/${encodeURIComponent(sku)}`, {
      headers: { 'cache-control': 'no-cache' },
    });
    // What is no longer sold stays in the cart until it is checked out or taken out.
    if (answer.status === 404) return;
    const variant = variantSchema.safeParse(answer.body);
    if (answer.status !== 200 || !variant.success) throw new UnexpectedAnswerError('catalog', answer.status);
    const { priceMinor } = variant.data;
    await sql`
      update cart_items set
        previous_price_minor = nullif(coalesce(previous_price_minor, unit_price_minor), ${priceMinor}),
        unit_price_minor = ${priceMinor}
      where sku = ${sku} and unit_price_minor <> ${priceMinor}`.execute(trx);
  });
}
