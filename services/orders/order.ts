import type { Shortage } from '#services/inventory/contract';
import type { OrderLine, UnfinishedCode } from './contract.ts';

/** Why an order came to nothing; the customer's answer is derived from it. */
export type CancelReason =
  | { code: 'out_of_stock'; left: Shortage[] }
  | { code: 'payment_declined'; declineReason: string }
  | { code: UnfinishedCode };

export type PlacedData = {
  cartId: string;
  sessionId: string | null;
  device: string | null;
  channel: string | null;
  userId: string | null;
  email: string | null;
  paymentToken: string;
  totalMinor: number;
  currency: string;
  lines: OrderLine[];
};

/**
 * What happened to an order. The `…_requested` events are intents: written before the call is made, so that whoever
 * continues after a crash knows that the other side may have acted.
 */
export type OrderEvent =
  | { type: 'placed'; data: PlacedData }
  | { type: 'stock_requested'; data: Record<string, never> }
  | { type: 'stock_reserved'; data: { expiresAt: string } }
  | { type: 'stock_refused'; data: { left: Shortage[] } }
  | { type: 'payment_requested'; data: { paymentId: string } }
  | { type: 'payment_authorised'; data: { paymentId: string } }
  | { type: 'payment_declined'; data: { declineReason: string } }
  | { type: 'stock_commit_requested'; data: Record<string, never> }
  | { type: 'stock_committed'; data: Record<string, never> }
  | { type: 'confirmed'; data: Record<string, never> }
  | { type: 'compensation_started'; data: { reason: CancelReason } }
  | { type: 'payment_refunded'; data: { paymentId: string } }
  | { type: 'stock_released'; data: Record<string, never> }
  | { type: 'cancelled'; data: { reason: CancelReason } };

export type RecordedEvent = OrderEvent & { version: number; atMs: number };

/** `maybe`: asked for, the answer is not known. */
type StockState = 'none' | 'maybe' | 'held' | 'refused' | 'maybe_committed' | 'committed' | 'released';
type PaymentState = 'none' | 'maybe' | 'authorised' | 'declined' | 'refunded';

export type OrderState = {
  orderId: string;
  /** Version of the last event; the next is appended as `version + 1`. */
  version: number;
  placed: PlacedData;
  placedAtMs: number;
  updatedAtMs: number;
  stock: StockState;
  payment: PaymentState;
  paymentId: string | null;
  /** Set once the order is to come to nothing. */
  reason: CancelReason | null;
  outcome: 'open' | 'confirmed' | 'cancelled';
};

/** The log of an order is not one that this code could have written. */
export class CorruptOrderError extends Error {
  override readonly name = 'CorruptOrderError';
}

/** State of an order after all of its events, oldest first. @throws CorruptOrderError */
export function foldOrder(orderId: string, events: readonly RecordedEvent[]): OrderState {
  const [first, ...rest] = events;
  if (first?.type !== 'placed') throw new CorruptOrderError(`order ${orderId} does not begin with placed`);
  const initial: OrderState = {
    orderId,
    version: first.version,
    placed: first.data,
    placedAtMs: first.atMs,
    updatedAtMs: first.atMs,
    stock: 'none',
    payment: 'none',
    paymentId: null,
    reason: null,
    outcome: 'open',
  };
  return rest.reduce(applyEvent, initial);
}

/** The state one event later. @throws CorruptOrderError when the event does not follow */
export function applyEvent(state: OrderState, event: RecordedEvent): OrderState {
  if (event.version !== state.version + 1) {
    throw new CorruptOrderError(`order ${state.orderId}: version ${event.version} after ${state.version}`);
  }
  if (state.outcome !== 'open') {
    throw new CorruptOrderError(`order ${state.orderId}: ${event.type} after ${state.outcome}`);
  }
  return { ...state, ...changeBy(event), version: event.version, updatedAtMs: event.atMs };
}

function changeBy(event: OrderEvent): Partial<OrderState> {
  switch (event.type) {
    case 'placed':
      throw new CorruptOrderError('an order is placed once');
    case 'stock_requested':
      return { stock: 'maybe' };
    case 'stock_reserved':
      return { stock: 'held' };
    case 'stock_refused':
      return { stock: 'refused', reason: { code: 'out_of_stock', left: event.data.left } };
    case 'payment_requested':
      return { payment: 'maybe', paymentId: event.data.paymentId };
    case 'payment_authorised':
      return { payment: 'authorised' };
    case 'payment_declined':
      return {
        payment: 'declined',
        reason: { code: 'payment_declined', declineReason: event.data.declineReason },
      };
    case 'stock_commit_requested':
      return { stock: 'maybe_committed' };
    case 'stock_committed':
      return { stock: 'committed' };
    case 'confirmed':
      return { outcome: 'confirmed' };
    case 'compensation_started':
      return { reason: event.data.reason };
    case 'payment_refunded':
      return { payment: 'refunded' };
    case 'stock_released':
      return { stock: 'released' };
    case 'cancelled':
      return { outcome: 'cancelled', reason: event.data.reason };
  }
}
