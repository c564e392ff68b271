import { type Kysely, sql } from 'kysely';
import type { CloudEvent } from '#process/bus/cloud-event';
import { productChangedSchema, variantSchema } from '#services/catalog/contract';
import { UnexpectedAnswerError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';
import type { CartTables } from './schema.ts';

/** What nobody has bought for so long is forgotten. */
const keptForMs = 30 * 24 * 3_600_000;

/**
 * Brings carts to the price of now, and keeps the one that their owner saw. The catalogue is asked for the price, so that
 * it does not matter in which order events come, or how often.
 * @throws ZodError, UnansweredError, UnexpectedAnswerError: the event is tried again
 */
export async function onProductChanged(
  { db, catalog }: { db: Kysely<CartTables>; catalog: Client },
  event: CloudEvent,
): Promise<void> {
  const { productId } = productChangedSchema.parse(event.data);
  const rows = await db.selectFrom('cart_items').select('sku').distinct().where('product_id', '=', productId).execute();
  for (const { sku } of rows) {
    // The event may be here before every cache of the catalogue has it.
    const headers = { 'cache-control': 'no-cache' };
    const answer = await catalog.get(`/variants/${encodeURIComponent(sku)}`, { headers });
    // What is no longer sold stays in the cart until it is checked out or taken out.
    if (answer.status === 404) continue;
    const variant = variantSchema.safeParse(answer.body);
    if (answer.status !== 200 || !variant.success) throw new UnexpectedAnswerError('catalog', answer.status);
    const { priceMinor } = variant.data;
    await sql`
      update cart_items set
        previous_price_minor = nullif(coalesce(previous_price_minor, unit_price_minor), ${priceMinor}),
        unit_price_minor = ${priceMinor}
      where sku = ${sku} and unit_price_minor <> ${priceMinor}`.execute(db);
  }
}

/** Forgets what lies in carts for too long. */
export async function expireItems(db: Kysely<CartTables>, nowMs: number): Promise<void> {
  await db
    .deleteFrom('cart_items')
    .where('added_at', '<', new Date(nowMs - keptForMs))
    .execute();
}
