import { type Kysely, sql } from 'kysely';
import type { CloudEvent } from '#process/bus/cloud-event';
import { productIdOf } from '#services/catalog/contract';
import { markSeen } from '#services/kit/inbox';
import { learntOrderSchema } from './contract.ts';
import { pairsOf, similarity } from './model.ts';
import type { RecommendationsTables } from './schema.ts';

export const queue = 'recommendations.order.confirmed';

export type Scored = { productId: string; score: number; reason: 'bought_together' | 'popular' };

/** Learns from one order, once. @throws ZodError when the event is not an order */
export async function learnOrder(db: Kysely<RecommendationsTables>, event: CloudEvent): Promise<void> {
  const { lines } = learntOrderSchema.parse(event.data);
  const productIds = [...new Set(lines.map(({ sku }) => productIdOf(sku)))].sort();
  const pairs = pairsOf(productIds);
  await db.transaction().execute(async (trx) => {
    if (!(await markSeen(trx, queue, event.id))) return;
    await sql`
      insert into products (product_id, orders) select id, 1 from unnest(${productIds}::text[]) as id
      on conflict (product_id) do update set orders = products.orders + 1`.execute(trx);
    await sql`
      insert into pairs (first_id, second_id, together)
      select first_id, second_id, 1
      from unnest(${pairs.map(([first]) => first)}::text[], ${pairs.map(([, second]) => second)}::text[])
        as pair (first_id, second_id)
      on conflict (first_id, second_id) do update set together = pairs.together + 1`.execute(trx);
  });
}

/** What goes with a product: bought together first, then what is bought most. Empty before the first order. */
export async function recommend(
  db: Kysely<RecommendationsTables>,
  { productId, limit }: { productId: string; limit: number },
): Promise<Scored[]> {
  const { rows } = await sql<{ other_id: string; together: number; orders: number; other_orders: number }>`
    select pair.other_id, pair.together, own.orders, other.orders as other_orders
    from (
      select second_id as other_id, together from pairs where first_id = ${productId}
      union all
      select first_id, together from pairs where second_id = ${productId}
    ) as pair
    join products as own on own.product_id = ${productId}
    join products as other on other.product_id = pair.other_id`.execute(db);
  const together = rows
    .map((row): Scored => {
      const counts = { together: row.together, orders: row.orders, otherOrders: row.other_orders };
      return { productId: row.other_id, score: similarity(counts), reason: 'bought_together' };
    })
    .sort((a, b) => b.score - a.score || (a.productId < b.productId ? -1 : 1))
    .slice(0, limit);
  if (together.length === limit) return together;
  const known = [productId, ...together.map((item) => item.productId)];
  const popular = await db
    .selectFrom('products')
    .select('product_id')
    .where('product_id', 'not in', known)
    .orderBy('orders', 'desc')
    .orderBy('product_id')
    .limit(limit - together.length)
    .execute();
  return [...together, ...popular.map((row): Scored => ({ productId: row.product_id, score: 0, reason: 'popular' }))];
}
