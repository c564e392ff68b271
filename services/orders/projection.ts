import { type Insertable, type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Order } from './contract.ts';
import { type OrderState, refundedMinorOf } from './order.ts';
import type { OrdersDatabase } from './schema.ts';

/** The row of `orders` for a state: nothing in it that the log does not say. */
export function projectOrder(state: OrderState): Insertable<OrdersDatabase['orders']> {
  return {
    order_id: state.orderId,
    version: state.version,
    status: statusOf(state),
    cancel_reason: state.reason === null ? null : JSON.stringify(state.reason),
    total_minor: state.placed.totalMinor,
    refunded_minor: refundedMinorOf(state),
    challenge_until: challengeUntilOf(state),
    currency: state.placed.currency,
    lines: JSON.stringify(state.placed.lines),
    session_id: state.placed.sessionId,
    // Orders from before there were accounts do not say.
    user_id: state.placed.userId ?? null,
    placed_at: new Date(state.placedAtMs),
    updated_at: new Date(state.updatedAtMs),
  };
}

function statusOf(state: OrderState): Order['status'] {
  const { outcome, needsHuman, refund, refunds } = state;
  if (needsHuman !== null) return 'needs_human';
  if (refund !== null) return 'refund_requested';
  if (refunds.length > 0 && refundedMinorOf(state) >= state.placed.totalMinor) return 'refunded';
  if (challengeUntilOf(state) !== null) return 'payment_challenged';
  return outcome === 'open' ? 'placed' : outcome;
}

function challengeUntilOf({ challenge, reason }: OrderState): Date | null {
  return challenge === null || reason !== null ? null : new Date(challenge.untilMs);
}

/**
 * Writes the row for a state, in the transaction that appends to the log: whole, so that what was wrong in it is right
 * again. Appends to an order come one after the other, so it never goes back.
 */
export async function project(db: Kysely<OrdersDatabase>, state: OrderState): Promise<void> {
  const row = projectOrder(state);
  await db
    .insertInto('orders')
    .values(row)
    .onConflict((conflict) => conflict.column('order_id').doUpdateSet(fromExcluded(row)))
    .execute();
}

/** For a conflict: every column of the row as it was to be inserted. */
export function fromExcluded(row: object): Record<string, RawBuilder<never>> {
  return Object.fromEntries(Object.keys(row).map((column) => [column, sql.ref<never>(`excluded.${column}`)]));
}

/** Who asks: a session sees its own orders, a user those of all their sessions; neither: a service, which sees all. */
type Reader = { sessionId: string | null; userId: string | null };

/** Undefined when there is no such order, or when it is somebody else's. */
export async function readOrder(
  db: Kysely<OrdersDatabase>,
  { orderId, sessionId, userId }: Reader & { orderId: string },
): Promise<Order | undefined> {
  const row = await db
    .selectFrom('orders')
    .selectAll()
    .where('order_id', '=', orderId)
    .$if(sessionId !== null || userId !== null, (query) =>
      query.where(({ eb, or }) => or([eb('session_id', '=', sessionId), eb('user_id', '=', userId)])),
    )
    .executeTakeFirst();
  return row === undefined ? undefined : toOrder(row);
}

/** The view of an order by its row. */
export function toOrder(row: Selectable<OrdersDatabase['orders']>): Order {
  return {
    orderId: row.order_id,
    status: row.status,
    cancelReason: row.cancel_reason?.code ?? null,
    totalMinor: row.total_minor,
    refundedMinor: row.refunded_minor,
    currency: row.currency,
    challengeUntil: row.challenge_until?.toISOString() ?? null,
    lines: row.lines,
    placedAt: row.placed_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** The same view of an order straight from its state, for the request that has just changed it. */
export function viewOrder(state: OrderState): Order {
  return {
    orderId: state.orderId,
    status: statusOf(state),
    cancelReason: state.reason?.code ?? null,
    totalMinor: state.placed.totalMinor,
    refundedMinor: refundedMinorOf(state),
    currency: state.placed.currency,
    challengeUntil: challengeUntilOf(state)?.toISOString() ?? null,
    lines: state.placed.lines,
    placedAt: new Date(state.placedAtMs).toISOString(),
    updatedAt: new Date(state.updatedAtMs).toISOString(),
  };
}
