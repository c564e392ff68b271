import type { Kysely, Selectable, Transaction } from 'kysely';
import { appendEvent } from '#services/kit/outbox';
import { events, type OrderEventData } from './contract.ts';
import {
  applyEvent,
  foldOrder,
  type OrderEvent,
  type OrderState,
  type PlacedData,
  type RecordedEvent,
} from './order.ts';
import { project } from './projection.ts';
import { ConcurrentAppendError } from './run-saga.ts';
import { isAtRest } from './saga.ts';
import type { OrdersDatabase } from './schema.ts';
import { keepSnapshot, readSnapshot, snapshotEvery } from './snapshots.ts';

type Db = Kysely<OrdersDatabase>;
type Trx = Transaction<OrdersDatabase>;
type EventRow = Omit<Selectable<OrdersDatabase['order_events']>, 'stream'>;

export type CheckoutKey = { cartId: string; idempotencyKey: string; requestHash: string };

/** The order that a checkout with this key made before, if any. */
export async function findCheckout(
  db: Db,
  { cartId, idempotencyKey }: Pick<CheckoutKey, 'cartId' | 'idempotencyKey'>,
): Promise<{ orderId: string; requestHash: string } | undefined> {
  const row = await db
    .selectFrom('checkouts')
    .select(['order_id', 'request_hash'])
    .where('cart_id', '=', cartId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  return row === undefined ? undefined : { orderId: row.order_id, requestHash: row.request_hash };
}

/**
 * Begins an order: its first event, the checkout's key and its place on the recovery's list, all or nothing.
 * @returns undefined when another request with the same key was first
 */
export async function placeOrder(
  db: Db,
  order: { orderId: string; placed: PlacedData; checkout: CheckoutKey; now: Date; leaseMs: number },
): Promise<OrderState | undefined> {
  return db.transaction().execute(async (trx) => {
    const { cartId, idempotencyKey, requestHash } = order.checkout;
    const claimed = await trx
      .insertInto('checkouts')
      .values({ cart_id: cartId, idempotency_key: idempotencyKey, request_hash: requestHash, order_id: order.orderId })
      .onConflict((conflict) => conflict.columns(['cart_id', 'idempotency_key']).doNothing())
      .returning('order_id')
      .executeTakeFirst();
    if (claimed === undefined) return undefined;
    const event: RecordedEvent = { type: 'placed', data: order.placed, version: 1, atMs: order.now.getTime() };
    const state = foldOrder(order.orderId, [event]);
    await insertEvents(trx, order.orderId, [event]);
    await trx
      .insertInto('saga_work')
      .values({ order_id: order.orderId, next_attempt_at: new Date(order.now.getTime() + order.leaseMs) })
      .execute();
    await project(trx, state);
    await announceEvent(trx, event, state);
    return state;
  });
}

/** Undefined when there is no such order. */
export async function loadOrder(db: Db, orderId: string): Promise<OrderState | undefined> {
  const snapshot = await readSnapshot(db, orderId);
  const events = await readEvents(db, orderId, snapshot?.version);
  if (snapshot !== undefined) return events.reduce(applyEvent, snapshot);
  return events.length === 0 ? undefined : foldOrder(orderId, events);
}

/** What happened to an order after a version, oldest first; empty when there is no such order. */
export async function readEvents(db: Db, orderId: string, afterVersion = 0): Promise<RecordedEvent[]> {
  const rows = await db
    .selectFrom('order_events')
    .select(['version', 'type', 'data', 'at'])
    .where('stream', '=', orderId)
    .where('version', '>', afterVersion)
    .orderBy('version')
    .execute();
  return rows.map(toRecorded);
}

/** Logs of several orders, read at once. */
export async function readLogs(db: Db, orderIds: readonly string[]): Promise<Map<string, RecordedEvent[]>> {
  if (orderIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('order_events')
    .selectAll()
    .where('stream', 'in', orderIds)
    .orderBy('stream')
    .orderBy('version')
    .execute();
  const logs = Map.groupBy(rows, ({ stream }) => stream);
  return new Map([...logs].map(([stream, log]) => [stream, log.map(toRecorded)]));
}

/** Written by `insertEvents` from this very type and never changed since (a trigger sees to it). */
function toRecorded({ version, type, data, at }: EventRow): RecordedEvent {
  return { type, data, version, atMs: at.getTime() } as RecordedEvent;
}

/**
 * Appends after `state.version`, in one transaction with the projection, the outgoing events and, every so many events,
 * a snapshot.
 * @throws ConcurrentAppendError when another writer was first
 */
export async function appendToOrder(
  db: Db,
  state: OrderState,
  events: readonly OrderEvent[],
  { now, every = snapshotEvery }: { now: Date; every?: number },
): Promise<OrderState> {
  const recorded = events.map((event, index) => ({
    ...event,
    version: state.version + 1 + index,
    atMs: now.getTime(),
  }));
  const after = recorded.reduce(applyEvent, state);
  try {
    await db.transaction().execute(async (trx) => {
      await insertEvents(trx, state.orderId, recorded);
      await project(trx, after);
      await keepSnapshot(trx, { before: state, after, every });
      await list(trx, { orderId: state.orderId, from: isAtRest(state), to: isAtRest(after), now });
      for (const event of recorded) await announceEvent(trx, event, after);
    });
  } catch (error) {
    if (isUniqueViolation(error)) throw new ConcurrentAppendError(`order ${state.orderId} went on elsewhere`);
    throw error;
  }
  return after;
}

/** Keeps the recovery's list: what comes to rest leaves it, what a person sets going again is due at once. */
async function list(
  trx: Trx,
  { orderId, from, to, now }: { orderId: string; from: boolean; to: boolean; now: Date },
): Promise<void> {
  if (to) await trx.deleteFrom('saga_work').where('order_id', '=', orderId).execute();
  else if (from) await trx.insertInto('saga_work').values({ order_id: orderId, next_attempt_at: now }).execute();
}

async function insertEvents(trx: Trx, stream: string, events: readonly RecordedEvent[]): Promise<void> {
  await trx
    .insertInto('order_events')
    .values(
      events.map(({ version, type, data, atMs }) => ({
        stream,
        version,
        type,
        data: JSON.stringify(data),
        at: new Date(atMs),
      })),
    )
    .execute();
}

/** What others are told of: how an order begins and ends, and what is given back afterwards. */
async function announceEvent(trx: Trx, { type, data }: RecordedEvent, state: OrderState): Promise<void> {
  const about = { subject: state.orderId, timeMs: state.updatedAtMs };
  if (type === 'placed' || type === 'confirmed' || type === 'cancelled') {
    await appendEvent(trx, events, { ...about, type: `order.${type}`, data: eventData(state) });
  } else if (type === 'refunded') {
    const refund = { refundId: data.refundId, refundedMinor: data.amountMinor };
    await appendEvent(trx, events, { ...about, type: 'order.refunded', data: { ...eventData(state), ...refund } });
  }
}

/** Neither token nor address: events go to everyone. */
function eventData({ orderId, placed, reason }: OrderState): OrderEventData {
  const { cartId, sessionId, device, channel, userId, totalMinor, currency, lines } = placed;
  return {
    ...{ orderId, cartId, sessionId, device, channel, userId, totalMinor, currency, lines },
    ...(reason === null ? {} : { reason: reason.code }),
  };
}

function isUniqueViolation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === '23505';
}
