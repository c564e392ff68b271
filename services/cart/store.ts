import { type Kysely, sql, type Transaction } from 'kysely';
import type { Variant } from '#services/catalog/contract';
import type { Caller } from '#services/kit/caller';
import { markSeen } from '#services/kit/inbox';
import { appendEvent } from '#services/kit/outbox';
import { DomainError } from '#services/kit/problem';
import { type Cart, type CartItem, events, maxLines, maxQuantity } from './contract.ts';
import type { CartTables } from './schema.ts';

type CheckedOut = { cartId: string; orderId: string; sessionId: string | null; eventId: string; nowMs: number };

export type CartStore = {
  read: (cartId: string) => Promise<Cart>;
  /** Sets the quantity of a variant at its price of now. @throws DomainError `cart_full` */
  putItem: (change: {
    cartId: string;
    variant: Variant;
    quantity: number;
    caller: Caller;
    nowMs: number;
  }) => Promise<Cart>;
  /** Takes a SKU out; one that is not in it changes nothing. */
  removeItem: (change: { cartId: string; sku: string; caller: Caller; nowMs: number }) => Promise<Cart>;
  /** Empties the cart that an order was made from, once per event. */
  checkOut: (order: CheckedOut) => Promise<void>;
  /** Moves what is in the cart `from` into another; done again, there is nothing left to move. */
  merge: (change: { from: string; cartId: string; caller: Caller; nowMs: number }) => Promise<Cart>;
};

export function createCartStore(db: Kysely<CartTables>): CartStore {
  return {
    read: (cartId) => read(db, cartId),
    putItem: (change) =>
      db.transaction().execute(async (trx) => {
        await lock(trx, change.cartId);
        await upsert(trx, change);
        const cart = await read(trx, change.cartId);
        if (cart.items.length > maxLines) {
          throw new DomainError('cart_full', 409, `A cart holds at most ${maxLines} different articles.`, { maxLines });
        }
        await appendUpdated(trx, cart, change);
        return cart;
      }),
    removeItem: (change) =>
      db.transaction().execute(async (trx) => {
        await lock(trx, change.cartId);
        const removed = await trx
          .deleteFrom('cart_items')
          .where('cart_id', '=', change.cartId)
          .where('sku', '=', change.sku)
          .returning('sku')
          .executeTakeFirst();
        const cart = await read(trx, change.cartId);
        if (removed !== undefined) await appendUpdated(trx, cart, { ...change, quantity: 0 });
        return cart;
      }),
    checkOut: (order) => db.transaction().execute((trx) => checkOut(trx, order)),
    merge: (change) => db.transaction().execute((trx) => merge(trx, change)),
  };
}

/** One change of a cart at a time, also while it is still empty. */
async function lock(trx: Transaction<CartTables>, cartId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${cartId}, 0))`.execute(trx);
}

async function upsert(
  trx: Transaction<CartTables>,
  { cartId, variant, quantity }: { cartId: string; variant: Variant; quantity: number },
): Promise<void> {
  const { sku, productId, name, brand, colour, size, priceMinor } = variant;
  const snapshot = {
    product_id: productId,
    name,
    brand,
    colour,
    size,
    quantity,
    unit_price_minor: priceMinor,
    previous_price_minor: null,
  };
  await trx
    .insertInto('cart_items')
    .values({ cart_id: cartId, sku, ...snapshot })
    .onConflict((conflict) => conflict.columns(['cart_id', 'sku']).doUpdateSet(snapshot))
    .execute();
}

async function read(db: Kysely<CartTables>, cartId: string): Promise<Cart> {
  const rows = await db
    .selectFrom('cart_items')
    .selectAll()
    .where('cart_id', '=', cartId)
    .orderBy('added_at')
    .orderBy('sku')
    .execute();
  const items = rows.map(
    (row): CartItem => ({
      sku: row.sku,
      productId: row.product_id,
      name: row.name,
      brand: row.brand,
      colour: row.colour,
      size: row.size,
      quantity: row.quantity,
      unitPriceMinor: row.unit_price_minor,
      lineTotalMinor: row.unit_price_minor * row.quantity,
      previousPriceMinor: row.previous_price_minor,
    }),
  );
  return { cartId, items, totalMinor: items.reduce((sum, item) => sum + item.lineTotalMinor, 0), currency: 'EUR' };
}

type Change = { sku?: string; variant?: Variant; quantity: number; caller: Caller; nowMs: number };

async function appendUpdated(trx: Transaction<CartTables>, cart: Cart, change: Change): Promise<void> {
  await appendEvent(trx, events, {
    type: 'cart.updated',
    subject: cart.cartId,
    timeMs: change.nowMs,
    data: {
      cartId: cart.cartId,
      sku: change.sku ?? change.variant?.sku,
      quantity: change.quantity,
      lines: cart.items.length,
      totalMinor: cart.totalMinor,
      currency: cart.currency,
      ...change.caller,
    },
  });
}

async function checkOut(
  trx: Transaction<CartTables>,
  { cartId, orderId, sessionId, eventId, nowMs }: CheckedOut,
): Promise<void> {
  await lock(trx, cartId);
  if (!(await markSeen(trx, 'cart.order.confirmed', eventId))) return;
  await trx.deleteFrom('cart_items').where('cart_id', '=', cartId).execute();
  await appendEvent(trx, events, {
    type: 'cart.checked_out',
    subject: cartId,
    timeMs: nowMs,
    data: { cartId, orderId, sessionId },
  });
}

/** What both carts have is added up, as far as a cart may hold it; what does not fit stays out. */
async function merge(
  trx: Transaction<CartTables>,
  { from, cartId, caller, nowMs }: { from: string; cartId: string; caller: Caller; nowMs: number },
): Promise<Cart> {
  // In the order of their ids: two merges of the same carts must not wait for each other.
  for (const id of [from, cartId].sort()) await lock(trx, id);
  const moved = await trx.deleteFrom('cart_items').where('cart_id', '=', from).returningAll().execute();
  const before = await read(trx, cartId);
  const known = new Set(before.items.map(({ sku }) => sku));
  const room = maxLines - known.size;
  const fresh = moved.filter(({ sku }) => !known.has(sku)).slice(0, room);
  const fitting = [...moved.filter(({ sku }) => known.has(sku)), ...fresh];
  if (fitting.length === 0) return before;
  await trx
    .insertInto('cart_items')
    .values(fitting.map((row) => ({ ...row, cart_id: cartId })))
    .onConflict((conflict) =>
      conflict.columns(['cart_id', 'sku']).doUpdateSet({
        quantity: sql`least(${maxQuantity}, cart_items.quantity + excluded.quantity)`,
      }),
    )
    .execute();
  const cart = await read(trx, cartId);
  const pieces = fitting.reduce((sum, { quantity }) => sum + quantity, 0);
  await appendUpdated(trx, cart, { quantity: pieces, caller, nowMs });
  return cart;
}
