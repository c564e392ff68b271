import { type Kysely, sql } from 'kysely';
import { readCursor, writeCursor } from '#services/kit/cursor';
import { idRange, type OrderPage, type OrderSearch, placeSchema } from './contract.ts';
import { toOrder } from './projection.ts';
import type { OrdersDatabase } from './schema.ts';

/**
 * One page of the orders that are as they are searched for, the newest first. Orders that come in meanwhile move nothing
 * from one page to another.
 */
export async function searchOrders(db: Kysely<OrdersDatabase>, search: OrderSearch): Promise<OrderPage> {
  const { limit } = search;
  const rows = await selectPage(db, search).execute();
  const items = rows.slice(0, limit).map(toOrder);
  const last = items.at(-1);
  const next = rows.length > limit && last !== undefined ? writeCursor([last.placedAt, last.orderId]) : null;
  return { items, next };
}

/** The rows of a page, and the first of the next. */
export function selectPage(db: Kysely<OrdersDatabase>, search: OrderSearch) {
  const { status, userId, placedFrom, placedUntil, limit } = search;
  const ids = search.idPrefix === undefined ? null : idRange(search.idPrefix);
  const after = search.cursor === undefined ? null : readCursor(search.cursor, placeSchema);
  let query = db.selectFrom('orders').selectAll();
  if (status !== undefined) query = query.where('status', '=', status);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (ids !== null) query = query.where('order_id', '>=', ids.lowest).where('order_id', '<=', ids.highest);
  if (placedFrom !== undefined) query = query.where('placed_at', '>=', new Date(placedFrom));
  if (placedUntil !== undefined) query = query.where('placed_at', '<', new Date(placedUntil));
  if (after !== null) {
    query = query.where(sql<boolean>`(placed_at, order_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`);
  }
  return query
    .orderBy('placed_at', 'desc')
    .orderBy('order_id', 'desc')
    .limit(limit + 1);
}
