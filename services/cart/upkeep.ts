import type { Kysely } from 'kysely';
import type { CartTables } from './schema.ts';

const dayMs = 24 * 3_600_000;

/** What nobody has bought for so long is forgotten. */
const keptForMs = 30 * dayMs;

/** Forgets what lies in carts for too long, and which prices changed long ago. */
export async function expireItems(db: Kysely<CartTables>, nowMs: number): Promise<void> {
  await db
    .deleteFrom('cart_items')
    .where('added_at', '<', new Date(nowMs - keptForMs))
    .execute();
  await db
    .deleteFrom('product_changes')
    .where('heard_at', '<', new Date(nowMs - dayMs))
    .execute();
}
