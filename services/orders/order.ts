import type { Shortage } from '#services/inventory/contract';
import type { OrderLine, UnfinishedCode } from './contract.ts';

/** Why an order came to nothing; the customer's answer is derived from it. */
export type CancelReason =
  | { code: 'out_of_stock'; left: Shortage[] }
  | { code: 'payment_declined'; declineReason: string }
  | { code: 'challenge_abandoned' }
  | { code: UnfinishedCode };

/** A call to another service. All of them are idempotent there, so asking again is always safe. */
export type SagaCall = 'reserve' | 'pay' | 'commit' | 'capture' | 'refund' | 'release' | 'give_back';

/** What an order waits for a person with; with a reason when the other side says that it never will. */
export type Stuck = { call: SagaCall; attempts: number; reason?: string };

/** Money of a confirmed order that is given back: all of it or a part. */
export type Refund = { refundId: string; amountMinor: number };

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
  /** The bank asks its customer first, and they have until then. */
  | { type: 'payment_challenged'; data: { challengeToken: string; until: string } }
  /** They answered; how, payments knows. */
  | { type: 'challenge_answered'; data: Record<string, never> }
  | { type: 'payment_authorised'; data: { paymentId: string } }
  | { type: 'payment_declined'; data: { declineReason: string } }
  | { type: 'stock_commit_requested'; data: Record<string, never> }
  | { type: 'stock_committed'; data: Record<string, never> }
  | { type: 'capture_requested'; data: { paymentId: string } }
  | { type: 'payment_captured'; data: { paymentId: string } }
  | { type: 'confirmed'; data: Record<string, never> }
  | { type: 'compensation_started'; data: { reason: CancelReason } }
  | { type: 'payment_refunded'; data: { paymentId: string } }
  | { type: 'stock_released'; data: Record<string, never> }
  | { type: 'cancelled'; data: { reason: CancelReason } }
  /** A call was refused for good, or unanswered so often, that it is not made again by itself. */
  | { type: 'needs_human'; data: Stuck }
  /** Somebody of the staff had the call made again. */
  | { type: 'retry_requested'; data: { by: string } }
  /** Somebody of the staff did by hand what the call was to do. */
  | { type: 'resolved_by_hand'; data: { by: string; note: string } }
  /** Somebody of the staff gives money back; also what is asked of payments, so an intent. */
  | { type: 'refund_requested'; data: Refund & { by: string; note: string } }
  | { type: 'refunded'; data: Refund };

export type RecordedEvent = OrderEvent & { version: number; atMs: number };

/** `maybe`: asked for, the answer is not known. */
type StockState = 'none' | 'maybe' | 'held' | 'refused' | 'maybe_committed' | 'committed' | 'released';
type PaymentState =
  | ('none' | 'maybe' | 'challenged' | 'authorised' | 'declined')
  | ('maybe_captured' | 'captured' | 'refunded');

export type OrderState = {
  orderId: string;
  /** Version of the last event; the next is appended as `version + 1`. */
  version: number;
  placed: PlacedData;
  placedAtMs: number;
  /** When what is shown of it changed. */
  updatedAtMs: number;
  stock: StockState;
  payment: PaymentState;
  paymentId: string | null;
  /** What the customer is asked, while `payment` is `challenged`. */
  challenge: { token: string; untilMs: number } | null;
  /** Since when it goes on without waiting for anybody. */
  underWaySinceMs: number;
  /** Set once the order is to come to nothing. */
  reason: CancelReason | null;
  outcome: 'open' | 'confirmed' | 'cancelled';
  /** What it waits for a person with; null while it goes on by itself, and when it is over. */
  needsHuman: Stuck | null;
  /** What is given back now, and whether it has been, by hand; null when nothing is. */
  refund: (Refund & { done: boolean }) | null;
  /** What has been given back, oldest first. */
  refunds: readonly Refund[];
};

/**
 * Raised with every change of what `OrderState` looks like or of what an event does to it: states that were kept under
 * another one are not read.
 */
export const foldVersion = 1;

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
    challenge: null,
    underWaySinceMs: first.atMs,
    reason: null,
    outcome: 'open',
    needsHuman: null,
    refund: null,
    refunds: [],
  };
  return rest.reduce(applyEvent, initial);
}

/** The state one event later. @throws CorruptOrderError when the event does not follow */
export function applyEvent(state: OrderState, event: RecordedEvent): OrderState {
  if (event.version !== state.version + 1) {
    throw new CorruptOrderError(`order ${state.orderId}: version ${event.version} after ${state.version}`);
  }
  if (!canFollow(event, state)) {
    const last = state.needsHuman === null ? state.outcome : 'needs_human';
    throw new CorruptOrderError(`order ${state.orderId}: ${event.type} after ${last}`);
  }
  // That the money has been taken shows nobody anything new: who asks again is answered as before.
  const updatedAtMs = event.type === 'payment_captured' ? state.updatedAtMs : event.atMs;
  return { ...state, ...changeBy(event, state), version: event.version, updatedAtMs };
}

function canFollow({ type }: OrderEvent, { outcome, needsHuman, refund, payment, reason }: OrderState): boolean {
  if (type === 'retry_requested' || type === 'resolved_by_hand') return needsHuman !== null;
  if (needsHuman !== null) return false;
  if (type === 'refund_requested') return outcome === 'confirmed' && refund === null;
  if (type === 'refunded') return refund !== null;
  if (type === 'challenge_answered') return payment === 'challenged' && reason === null;
  if (type === 'payment_captured') return payment === 'maybe_captured';
  return outcome === 'open' || (type === 'needs_human' && (refund !== null || payment === 'maybe_captured'));
}

/** How much of an order has been given back. */
export function refundedMinorOf({ refunds }: Pick<OrderState, 'refunds'>): number {
  return refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

/** What a call that was done by hand leaves behind. */
function doneByHand({ needsHuman, refund }: OrderState): Partial<OrderState> {
  const call = needsHuman?.call;
  if (call === 'give_back' && refund !== null) return { refund: { ...refund, done: true } };
  if (call === 'capture') return { payment: 'captured' };
  if (call === 'refund') return { payment: 'refunded' };
  return call === 'release' ? { stock: 'released' } : {};
}

function changeBy(event: RecordedEvent, state: OrderState): Partial<OrderState> {
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
    case 'payment_challenged': {
      const { challengeToken: token, until } = event.data;
      return { payment: 'challenged', challenge: { token, untilMs: Date.parse(until) } };
    }
    case 'challenge_answered':
      return { payment: 'maybe', challenge: null, underWaySinceMs: event.atMs };
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
    case 'capture_requested':
      return { payment: 'maybe_captured' };
    case 'payment_captured':
      return { payment: 'captured' };
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
    case 'needs_human':
      return { needsHuman: event.data };
    case 'retry_requested':
      return { needsHuman: null };
    case 'resolved_by_hand':
      return { ...doneByHand(state), needsHuman: null };
    case 'refund_requested': {
      const { refundId, amountMinor } = event.data;
      return { refund: { refundId, amountMinor, done: false } };
    }
    case 'refunded':
      return { refund: null, refunds: [...state.refunds, event.data] };
  }
}
