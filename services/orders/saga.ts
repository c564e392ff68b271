import type { Shortage } from '#services/inventory/contract';
import { paymentIdFor } from '#services/payments/contract';
import type { CancelReason, OrderEvent, OrderState, SagaCall } from './order.ts';

export type SagaStep =
  /** Write down what is certain, or what is about to be asked. */
  | { kind: 'record'; event: OrderEvent }
  | { kind: 'call'; call: SagaCall }
  | { kind: 'wait'; untilMs: number }
  | { kind: 'done' };

/** What a call came to. `failed`: no usable answer, so the other side may or may not have acted. */
export type SagaAnswer =
  | { call: 'reserve'; result: 'reserved'; expiresAt: string }
  | { call: 'reserve'; result: 'refused'; left: Shortage[] }
  | { call: 'pay'; result: 'authorised' }
  | { call: 'pay'; result: 'declined'; declineReason: string }
  | { call: 'pay'; result: 'challenged'; token: string; until: string }
  | { call: 'reserve' | 'commit'; result: 'lost' }
  | { call: LastingCall; result: 'done' }
  /** Refused, and it would be however often it is asked. */
  | { call: LastingCall; result: 'impossible'; reason: string }
  | { call: SagaCall; result: 'failed' };

/** A call that has one good end, and is asked until it is reached or given up. */
type LastingCall = 'commit' | 'capture' | 'refund' | 'release' | 'give_back';

/** The key under which payments charges an order once, however often it is asked. */
export function paymentKeyFor(orderId: string): string {
  return `order-${orderId}`;
}

function paymentIdOf({ orderId }: OrderState): string {
  return paymentIdFor(paymentKeyFor(orderId));
}

/** What an unfinished order needs next. Pure: the same log always continues in the same way. */
export function nextStep(state: OrderState): SagaStep {
  if (isAtRest(state)) return { kind: 'done' };
  // What is confirmed is paid for: then, and not before, the money is taken; and none is given back before it was.
  if (state.outcome === 'confirmed' && state.payment === 'maybe_captured') return { kind: 'call', call: 'capture' };
  if (state.refund !== null) return nextForRefund(state.refund);
  return state.reason === null ? nextForward(state) : nextCompensation(state, state.reason);
}

function nextForRefund({ done, ...refund }: NonNullable<OrderState['refund']>): SagaStep {
  return done ? { kind: 'record', event: { type: 'refunded', data: refund } } : { kind: 'call', call: 'give_back' };
}

/** True when nothing happens to an order by itself any more: it is over, or waits for a person. */
export function isAtRest(state: OrderState): boolean {
  const over = state.outcome !== 'open' && state.refund === null && state.payment !== 'maybe_captured';
  return state.needsHuman !== null || over;
}

function nextForward(state: OrderState): SagaStep {
  switch (state.stock) {
    case 'none':
      return { kind: 'record', event: { type: 'stock_requested', data: {} } };
    case 'maybe':
      return { kind: 'call', call: 'reserve' };
    case 'held':
      return nextForPayment(state);
    case 'maybe_committed':
      return { kind: 'call', call: 'commit' };
    case 'committed':
      return state.payment === 'authorised'
        ? { kind: 'record', event: { type: 'capture_requested', data: { paymentId: paymentIdOf(state) } } }
        : { kind: 'record', event: { type: 'confirmed', data: {} } };
    default:
      return { kind: 'record', event: compensationFor({ code: 'reservation_lost' }) };
  }
}

function nextForPayment(state: OrderState): SagaStep {
  switch (state.payment) {
    case 'none':
      return { kind: 'record', event: { type: 'payment_requested', data: { paymentId: paymentIdOf(state) } } };
    case 'maybe':
      return { kind: 'call', call: 'pay' };
    case 'challenged':
      return { kind: 'wait', untilMs: state.challenge?.untilMs ?? 0 };
    default:
      return { kind: 'record', event: { type: 'stock_commit_requested', data: {} } };
  }
}

const mayHoldMoney: ReadonlySet<OrderState['payment']> = new Set(['maybe', 'challenged', 'authorised']);

/** Money first: a customer waits for it, stock gives itself back when the reservation expires. */
function nextCompensation(state: OrderState, reason: CancelReason): SagaStep {
  if (mayHoldMoney.has(state.payment)) return { kind: 'call', call: 'refund' };
  const holdsStock = state.stock !== 'none' && state.stock !== 'refused' && state.stock !== 'released';
  if (holdsStock) return { kind: 'call', call: 'release' };
  return { kind: 'record', event: { type: 'cancelled', data: { reason } } };
}

function compensationFor(reason: CancelReason): OrderEvent {
  return { type: 'compensation_started', data: { reason } };
}

/**
 * The event that an answer amounts to, after so many attempts in vain; undefined when there is nothing to write down and
 * the call must be asked again later (a compensation or a capture that failed).
 */
export function eventAfter(state: OrderState, answer: SagaAnswer, attempts = 0): OrderEvent | undefined {
  switch (answer.result) {
    case 'reserved':
      return { type: 'stock_reserved', data: { expiresAt: answer.expiresAt } };
    case 'refused':
      return { type: 'stock_refused', data: { left: answer.left } };
    case 'authorised':
      return { type: 'payment_authorised', data: { paymentId: paymentIdOf(state) } };
    case 'challenged':
      return { type: 'payment_challenged', data: { challengeToken: answer.token, until: answer.until } };
    case 'declined':
      return { type: 'payment_declined', data: { declineReason: answer.declineReason } };
    case 'lost':
      return compensationFor({ code: 'reservation_lost' });
    case 'done':
      return eventAfterDone(state, answer.call);
    case 'impossible':
      return { type: 'needs_human', data: { call: answer.call, attempts, reason: answer.reason } };
    case 'failed':
      return eventAfterFailure(answer.call);
  }
}

function eventAfterDone(state: OrderState, call: LastingCall): OrderEvent {
  switch (call) {
    case 'commit':
      return { type: 'stock_committed', data: {} };
    case 'capture':
      return { type: 'payment_captured', data: { paymentId: paymentIdOf(state) } };
    case 'refund':
      return { type: 'payment_refunded', data: { paymentId: paymentIdOf(state) } };
    case 'release':
      return { type: 'stock_released', data: {} };
    case 'give_back': {
      if (state.refund === null) throw new Error(`order ${state.orderId} has nothing to give back`);
      const { refundId, amountMinor } = state.refund;
      return { type: 'refunded', data: { refundId, amountMinor } };
    }
  }
}

function eventAfterFailure(call: SagaCall): OrderEvent | undefined {
  switch (call) {
    case 'reserve':
    case 'commit':
      return compensationFor({ code: 'inventory_unavailable' });
    case 'pay':
      return compensationFor({ code: 'payments_unavailable' });
    default:
      return undefined;
  }
}

/**
 * The event that turns an order back for which it is too late: its customer did not answer their bank in time, or it has
 * been under way too long to surprise them with a confirmation.
 */
export function lateEvent(
  { outcome, needsHuman, reason, challenge, underWaySinceMs }: OrderState,
  { nowMs, finishWithinMs }: { nowMs: number; finishWithinMs: number },
): OrderEvent | undefined {
  if (outcome !== 'open' || needsHuman !== null || reason !== null) return undefined;
  if (challenge !== null) {
    return nowMs < challenge.untilMs ? undefined : compensationFor({ code: 'challenge_abandoned' });
  }
  return nowMs - underWaySinceMs > finishWithinMs ? compensationFor({ code: 'checkout_expired' }) : undefined;
}

/** True once the customer can be answered, or has to be asked: compensation and capture go on without them. */
export function isAnswerable(state: OrderState): boolean {
  return state.outcome !== 'open' || state.reason !== null || state.challenge !== null;
}

/** Delay before a compensation or a capture is tried again: doubles from 1 s to at most 30 s. */
export function retryDelayMs(attempt: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 10));
}
