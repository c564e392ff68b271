import { z } from 'zod';
import type { Logger } from '#process/logger';
import { type Cart, cartSchema } from '#services/cart/contract';
import { outOfStockProblemSchema, reservationSchema } from '#services/inventory/contract';
import type { Caller } from '#services/kit/caller';
import { UnansweredError, UnexpectedAnswerError } from '#services/kit/downstream';
import type { Answer, Client } from '#services/kit/fetch';
import type { OrderState, SagaCall } from './order.ts';
import { paymentKeyFor, type SagaAnswer } from './saga.ts';

export type Peers = { cart: Client; inventory: Client; payments: Client };

/** How much of a checkout's time one attempt of a call may take; what is left of the checkout may be less. */
const attemptShare: Record<SagaCall, number> = {
  ...{ reserve: 0.28, pay: 0.51, commit: 0.28, refund: 0.51, release: 0.28 },
  ...{ capture: 0.51, give_back: 0.51 },
};

/** Less than this is not worth beginning a call for. */
const shortestMs = 50;

const declinedSchema = z.looseObject({ code: z.literal('payment_declined'), reason: z.string().nullish() });
const challengedSchema = z.looseObject({ challengeToken: z.string() });
/**
 * Answers of payments that stay as they are. An amount that the bank holds no longer is not held anew without the customer:
 * a token is good for the one authorisation that they gave it for, and a bank would want to ask them again.
 */
const impossibleSchema = z.looseObject({
  code: z.enum([
    ...(['authorisation_expired', 'not_capturable', 'capture_refused'] as const),
    ...(['not_refundable', 'refund_refused', 'refund_too_large', 'refund_differs'] as const),
  ]),
});
const overSchema = z.looseObject({ code: z.enum(['reservation_over', 'reservation_differs', 'unknown_reservation']) });

/**
 * The cart that is to become an order.
 * @throws UnansweredError, UnexpectedAnswerError; nothing has happened yet
 */
export async function readCart({ cart }: Peers, cartId: string, caller: Caller): Promise<Cart> {
  const answer = await cart.get(`/carts/${encodeURIComponent(cartId)}`, { caller });
  const parsed = cartSchema.safeParse(answer.body);
  if (answer.status !== 200 || !parsed.success) throw new UnexpectedAnswerError('cart', answer.status);
  return parsed.data;
}

type AskOptions = {
  now: () => number;
  logger: Logger;
  checkoutMs: number;
  /** How long a customer has to answer their bank. */
  challengeMs: number;
};

/** Makes a saga's calls. What cannot be understood is `failed`: the saga then undoes rather than guesses. */
export function createAsk(
  peers: Peers,
  { now, logger, checkoutMs, challengeMs }: AskOptions,
): (call: SagaCall, state: OrderState, deadlineMs: number) => Promise<SagaAnswer> {
  return async (call, state, deadlineMs) => {
    const timeoutMs = Math.min(attemptShare[call] * checkoutMs, deadlineMs - now());
    if (timeoutMs < shortestMs) return { call, result: 'failed' };
    try {
      const answered = await send(peers, call, { state, timeoutMs });
      const answer = readAnswer(call, answered, new Date(now() + challengeMs).toISOString());
      if (answer.result === 'failed') logger.warn({ orderId: state.orderId, call }, 'a call of the checkout failed');
      return answer;
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error;
      logger.warn({ orderId: state.orderId, call, reason: error.reason }, 'a call of the checkout has no answer');
      return { call, result: 'failed' };
    }
  };
}

/**
 * Hands over what the customer says to their bank; what it came to, the saga asks for itself.
 * @throws UnansweredError, UnexpectedAnswerError: nothing is lost, they may answer again
 */
export async function passChallenge(
  { payments }: Peers,
  { paymentId, challenge, placed }: OrderState,
  answer: 'approve' | 'refuse',
): Promise<void> {
  const options = { body: { token: challenge?.token, answer }, idempotent: true, caller: placed };
  const { status } = await payments.post(`/payments/${paymentId}/challenge`, options);
  if (status !== 200 && status !== 402 && status !== 409) throw new UnexpectedAnswerError('payments', status);
}

function send(
  { inventory, payments }: Peers,
  call: SagaCall,
  { state, timeoutMs }: { state: OrderState; timeoutMs: number },
): Promise<Answer> {
  const { orderId, placed, paymentId, refund } = state;
  const options = { timeoutMs, idempotent: true, caller: placed };
  switch (call) {
    case 'reserve': {
      const lines = placed.lines.map(({ sku, quantity }) => ({ sku, quantity }));
      return inventory.post('/reservations', { ...options, body: { orderId, lines } });
    }
    case 'commit':
      return inventory.post(`/reservations/${orderId}/commit`, options);
    case 'release':
      return inventory.delete(`/reservations/${orderId}`, options);
    case 'pay': {
      const { totalMinor: amountMinor, currency, paymentToken } = placed;
      const headers = { 'idempotency-key': paymentKeyFor(orderId) };
      return payments.post('/payments', {
        ...options,
        headers,
        body: { orderId, amountMinor, currency, paymentToken },
      });
    }
    case 'capture':
    case 'refund':
      return payments.post(`/payments/${paymentId}/${call}`, options);
    case 'give_back':
      return payments.put(`/payments/${paymentId}/refunds/${refund?.refundId}`, {
        ...options,
        body: { amountMinor: refund?.amountMinor },
      });
  }
}

function readAnswer(call: SagaCall, { status, body }: Answer, challengeUntil: string): SagaAnswer {
  switch (call) {
    case 'reserve':
      return readReservation(status, body);
    case 'pay':
      return readPayment(status, body, challengeUntil);
    case 'commit':
      if (status === 200) return { call, result: 'done' };
      return overSchema.safeParse(body).success ? { call, result: 'lost' } : { call, result: 'failed' };
    case 'capture':
    case 'refund':
    case 'give_back': {
      if (status === 200) return { call, result: 'done' };
      const refused = impossibleSchema.safeParse(body);
      return refused.success ? { call, result: 'impossible', reason: refused.data.code } : { call, result: 'failed' };
    }
    case 'release':
      return { call, result: status === 204 ? 'done' : 'failed' };
  }
}

function readReservation(status: number, body: unknown): SagaAnswer {
  if (status === 201) {
    const reservation = reservationSchema.safeParse(body);
    if (reservation.success) return { call: 'reserve', result: 'reserved', expiresAt: reservation.data.expiresAt };
  }
  const shortage = outOfStockProblemSchema.safeParse(body);
  if (status === 409 && shortage.success) return { call: 'reserve', result: 'refused', left: shortage.data.left };
  return overSchema.safeParse(body).success
    ? { call: 'reserve', result: 'lost' }
    : { call: 'reserve', result: 'failed' };
}

function readPayment(status: number, body: unknown, challengeUntil: string): SagaAnswer {
  if (status === 201) return { call: 'pay', result: 'authorised' };
  const challenged = challengedSchema.safeParse(body);
  if (status === 202 && challenged.success) {
    return { call: 'pay', result: 'challenged', token: challenged.data.challengeToken, until: challengeUntil };
  }
  const declined = declinedSchema.safeParse(body);
  if (status === 402 && declined.success) {
    return { call: 'pay', result: 'declined', declineReason: declined.data.reason ?? 'declined' };
  }
  return { call: 'pay', result: 'failed' };
}
