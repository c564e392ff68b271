import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { applyEvent, CorruptOrderError, type OrderEvent, type OrderState, type PlacedData } from './order.ts';
import type { OrdersDatabase } from './schema.ts';
import { placeOrder } from './store.ts';

export const placedData: PlacedData = {
  ...{ cartId: 'cart-1', sessionId: 's-1', device: 'phone', channel: 'web', userId: null, email: null },
  ...{ paymentToken: 'tok_ok', totalMinor: 5_000, currency: 'EUR' },
  lines: [{ sku: 'BW-0001-BLK-M', name: 'Jumper', quantity: 1, unitPriceMinor: 5_000 }],
};

const [paymentId, refundId] = ['pay_1', '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c12'];
const staff = { by: 'grace', note: 'A seam was open.' };

/** One event of every type but the first, and some of them twice: it depends on the state which may follow. */
const events: readonly OrderEvent[] = [
  { type: 'stock_requested', data: {} },
  { type: 'stock_reserved', data: { expiresAt: '2026-11-23T08:15:00.000Z' } },
  { type: 'stock_refused', data: { left: [{ sku: 'BW-0001-BLK-M', requested: 1, left: 0 }] } },
  { type: 'payment_requested', data: { paymentId } },
  { type: 'payment_challenged', data: { challengeToken: 'chl_1', until: '2026-11-23T08:02:00.000Z' } },
  { type: 'challenge_answered', data: {} },
  { type: 'payment_authorised', data: { paymentId } },
  { type: 'payment_declined', data: { declineReason: 'card_expired' } },
  { type: 'stock_commit_requested', data: {} },
  { type: 'stock_committed', data: {} },
  { type: 'capture_requested', data: { paymentId } },
  { type: 'payment_captured', data: { paymentId } },
  { type: 'confirmed', data: {} },
  { type: 'compensation_started', data: { reason: { code: 'payments_unavailable' } } },
  { type: 'payment_refunded', data: { paymentId } },
  { type: 'stock_released', data: {} },
  { type: 'cancelled', data: { reason: { code: 'payments_unavailable' } } },
  { type: 'needs_human', data: { call: 'capture', attempts: 40 } },
  { type: 'needs_human', data: { call: 'give_back', attempts: 40 } },
  { type: 'retry_requested', data: { by: 'grace' } },
  { type: 'resolved_by_hand', data: staff },
  { type: 'refund_requested', data: { refundId, amountMinor: 1_000, ...staff } },
  { type: 'refunded', data: { refundId, amountMinor: 1_000 } },
];

/** The n-th of the events that may follow, counted round and round; undefined when none may. */
export function eventAfter(state: OrderState, n: number): OrderEvent | undefined {
  const possible = events.filter((event) => {
    try {
      applyEvent(state, { ...event, version: state.version + 1, atMs: 0 });
      return true;
    } catch (error) {
      if (error instanceof CorruptOrderError) return false;
      throw error;
    }
  });
  return possible[n % possible.length];
}

/** An order that has just been placed, in a database. */
export async function placeTestOrder(
  db: Kysely<OrdersDatabase>,
  { now = new Date(), ...changes }: Partial<PlacedData> & { now?: Date } = {},
): Promise<OrderState> {
  const checkout = { cartId: randomUUID(), idempotencyKey: randomUUID(), requestHash: '' };
  const order = { orderId: randomUUID(), placed: { ...placedData, ...changes }, checkout, now, leaseMs: 60_000 };
  const state = await placeOrder(db, order);
  if (state === undefined) throw new Error('the order was there before');
  return state;
}
