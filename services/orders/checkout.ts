import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Cart } from '#services/cart/contract';
import type { Caller } from '#services/kit/caller';
import { DomainError } from '#services/kit/problem';
import type { CheckoutRequest, Order } from './contract.ts';
import type { CancelReason, OrderEvent, OrderState, PlacedData } from './order.ts';
import { viewOrder } from './projection.ts';
import { postpone, type Recovery, type RecoveryTiming } from './recovery.ts';
import { ConcurrentAppendError, runSaga, type SagaPorts } from './run-saga.ts';
import { isAnswerable, isAtRest } from './saga.ts';
import type { OrdersDatabase } from './schema.ts';
import { findCheckout, placeOrder } from './store.ts';

export type CheckoutDeps = {
  db: Kysely<OrdersDatabase>;
  ports: SagaPorts;
  readCart: (cartId: string, caller: Caller) => Promise<Cart>;
  /** Hands over what the customer says to their bank. */
  passChallenge: (state: OrderState, answer: 'approve' | 'refuse') => Promise<void>;
  recovery: Recovery;
  timing: RecoveryTiming & {
    /** The customer has an answer after so long, one way or the other. */
    checkoutMs: number;
  };
};

export type CheckoutInput = { request: CheckoutRequest; idempotencyKey: string; caller: Caller };

/**
 * Buys what is in a cart, once per idempotency key: a repetition gets the first one's answer.
 * @throws DomainError for every outcome but a confirmed order, or one of which the bank asks its customer
 */
export async function checkout(deps: CheckoutDeps, input: CheckoutInput): Promise<Order> {
  const deadlineMs = deps.ports.now() + deps.timing.checkoutMs;
  const { request, idempotencyKey } = input;
  const requestHash = hashRequest(request);
  const key = { cartId: request.cartId, idempotencyKey, requestHash };
  if ((await findCheckout(deps.db, key)) === undefined) {
    const placed = toPlaced(await deps.readCart(request.cartId, input.caller), input);
    const { leaseMs } = deps.timing;
    const now = new Date(deps.ports.now());
    const state = await placeOrder(deps.db, { orderId: randomUUID(), placed, checkout: key, now, leaseMs });
    if (state !== undefined) return answerFor(await carryOut(deps, state, { deadlineMs }));
  }
  return answerFor(await awaitEarlier(deps, key, deadlineMs));
}

/**
 * Has an order go on whose customer answered their bank; harmless when repeated.
 * @throws DomainError for every outcome but a confirmed order, or one of which the bank still asks
 */
export async function answerChallenge(
  deps: CheckoutDeps,
  orderId: string,
  answer: 'approve' | 'refuse',
): Promise<Order> {
  const { db, ports, timing, passChallenge } = deps;
  const deadlineMs = ports.now() + timing.checkoutMs;
  const state = await ports.load(orderId);
  if (state === undefined) throw new DomainError('unknown_order', 404, 'There is no such order.');
  if (state.challenge === null || state.reason !== null) return answerFor(await awaitAnswer(deps, orderId, deadlineMs));
  await passChallenge(state, answer);
  // It belongs to this request from here on, as to the one that placed it.
  await postpone(db, orderId, ports.now() + timing.leaseMs);
  const answered = { type: 'challenge_answered', data: {} } as const;
  return answerFor(await carryOut(deps, state, { deadlineMs, happened: [answered] }));
}

/** Runs the saga until the customer can be answered; what there is to take or to undo goes on behind the answer. */
async function carryOut(
  deps: CheckoutDeps,
  before: OrderState,
  { deadlineMs, happened = [] }: { deadlineMs: number; happened?: readonly OrderEvent[] },
): Promise<OrderState> {
  const { ports, timing, recovery } = deps;
  try {
    const begun = happened.length === 0 ? before : await ports.append(before, happened);
    const { state } = await runSaga(ports, begun, { until: 'answer', deadlineMs, attempt: 0, ...timing });
    if (!isAtRest(state)) recovery.wake(state);
    return state;
  } catch (error) {
    if (!(error instanceof ConcurrentAppendError)) throw error;
    return awaitAnswer(deps, before.orderId, deadlineMs);
  }
}

async function awaitEarlier(
  deps: CheckoutDeps,
  key: { cartId: string; idempotencyKey: string; requestHash: string },
  deadlineMs: number,
): Promise<OrderState> {
  const earlier = await findCheckout(deps.db, key);
  if (earlier === undefined) throw new Error('a checkout that was there is gone');
  if (earlier.requestHash !== key.requestHash) {
    throw new DomainError('idempotency_key_reused', 422, 'This idempotency key was used for another checkout.');
  }
  return awaitAnswer(deps, earlier.orderId, deadlineMs);
}

/** Somebody else carries the order on: the first request, still under way, or the recovery. */
async function awaitAnswer({ ports }: CheckoutDeps, orderId: string, deadlineMs: number): Promise<OrderState> {
  for (;;) {
    const state = await ports.load(orderId);
    if (state !== undefined && isAnswerable(state)) return state;
    if (ports.now() + 100 > deadlineMs) {
      throw new DomainError(
        'checkout_in_progress',
        409,
        'This checkout is still under way: ask again with the same key.',
      );
    }
    await delay(100);
  }
}

function toPlaced(cart: Cart, { request, caller }: CheckoutInput): PlacedData {
  if (cart.items.length === 0) throw new DomainError('cart_empty', 422, 'There is nothing in the cart.');
  return {
    cartId: request.cartId,
    ...caller,
    email: request.email ?? null,
    paymentToken: request.paymentToken,
    totalMinor: cart.totalMinor,
    currency: cart.currency,
    lines: cart.items.map(({ sku, name, quantity, unitPriceMinor }) => ({ sku, name, quantity, unitPriceMinor })),
  };
}

function hashRequest({ cartId, paymentToken, email }: CheckoutRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([cartId, paymentToken, email ?? null]))
    .digest('hex');
}

/** @throws DomainError that tells the customer why there is no order */
function answerFor(state: OrderState): Order {
  if (state.reason !== null) throw problemFor(state.orderId, state.reason);
  return viewOrder(state);
}

/**
 * 502 rather than 503 when a service behind this one failed: 503 would say that orders itself is at fault, and would
 * make the gateway's breaker turn away checkouts here.
 */
function problemFor(orderId: string, reason: CancelReason): DomainError {
  const undone = 'Nothing was bought; what was held for it is let go. Try again with a new idempotency key.';
  switch (reason.code) {
    case 'out_of_stock':
      return new DomainError(reason.code, 409, 'There are not enough pieces left.', { orderId, left: reason.left });
    case 'payment_declined':
      return new DomainError(reason.code, 402, 'The payment was declined.', { orderId, reason: reason.declineReason });
    case 'challenge_abandoned':
      return new DomainError(reason.code, 402, 'The question of the bank was not answered in time.', { orderId });
    default:
      return new DomainError(reason.code, 502, `The checkout could not be finished. ${undone}`, { orderId });
  }
}
