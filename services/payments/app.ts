import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type Caller, readCaller } from '#services/kit/caller';
import type { Client } from '#services/kit/fetch';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { charge, reverse } from './ask-acquirer.ts';
import {
  looksLikeCardNumber,
  type Payment,
  type PaymentRequest,
  paymentRequestSchema,
  paymentSchema,
} from './contract.ts';
import { addPartialRefundRoute, refuseReversal } from './refunds.ts';
import type { PaymentsDatabase } from './schema.ts';
import { beginPayment, beginRefund, readPayment, settlePayment, settleRefund } from './store.ts';

export type PaymentsDeps = {
  db: Kysely<PaymentsDatabase>;
  acquirer: Client;
  now: () => Date;
  /** Called after a change that published something. */
  onEvents: () => void;
};

const paymentParams = z.object({ paymentId: z.string().min(1).max(64).meta({ example: 'pay_4c1b0f7d2e5a9b3c8d6e' }) });
const keyHeader = z.object({
  'idempotency-key': z.string().min(8).max(128).meta({ example: 'order-0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
});

/** Adds the routes of payments to a server. */
export function addRoutes(app: Server, deps: PaymentsDeps): void {
  refuseCardNumbers(app);
  addPayRoute(app, deps);
  addRefundRoute(app, deps);
  addPartialRefundRoute(app, deps);
  app.get(
    '/payments/:paymentId',
    {
      schema: {
        operationId: 'readPayment',
        tags: ['payments'],
        summary: 'A payment as it now is',
        params: paymentParams,
        response: { 200: paymentSchema, 404: problemSchema },
      },
    },
    async (request) => {
      const payment = await readPayment(deps.db, request.params.paymentId);
      if (payment === undefined) throw new DomainError('unknown_payment', 404, 'There is no such payment.');
      return payment;
    },
  );
}

/** Before validation, whose messages might repeat what they refuse. */
function refuseCardNumbers(app: Server): void {
  app.addHook('preValidation', async (request) => {
    if (typeof request.body !== 'object' || request.body === null) return;
    const { orderId: _orderId, ...rest } = request.body as Record<string, unknown>;
    const texts = Object.values(rest).map(String);
    if (texts.some(looksLikeCardNumber)) {
      throw new DomainError('card_number_refused', 422, 'Send a payment token, never a card number.');
    }
  });
}

function addPayRoute(app: Server, deps: PaymentsDeps): void {
  app.post(
    '/payments',
    {
      schema: {
        operationId: 'pay',
        tags: ['payments'],
        summary: 'Charge a payment token once',
        description: 'Asked again with the same idempotency key: the same answer, and no second charge.',
        headers: keyHeader,
        body: paymentRequestSchema,
        response: {
          201: paymentSchema,
          402: problemSchema,
          409: problemSchema,
          422: problemSchema,
          502: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const caller = readCaller(request.headers);
      const payment = await pay(deps, { key: request.headers['idempotency-key'], request: request.body, caller });
      return reply.code(201).send(authorisedOnly(payment));
    },
  );
}

async function pay(
  { db, acquirer, now, onEvents }: PaymentsDeps,
  { key, request, caller }: { key: string; request: PaymentRequest; caller: Caller },
): Promise<Payment> {
  const begun = await beginPayment(db, key, request);
  if (begun.kind === 'different_request') {
    throw new DomainError('idempotency_key_reused', 422, 'This idempotency key was used for another payment.');
  }
  if (begun.kind === 'settled') return begun.payment;
  const { paymentId } = begun.payment;
  const { outcome, reason } = await charge(acquirer, paymentId, request);
  const occasion = { now: now(), caller };
  const settled = await settlePayment(
    db,
    paymentId,
    outcome === 'approved'
      ? { status: 'authorised' }
      : outcome === 'declined'
        ? { status: 'declined', declineReason: reason ?? 'declined' }
        : { status: 'voided' },
    occasion,
  );
  onEvents();
  return settled;
}

/** @throws DomainError for a payment that did not (or no longer does) stand */
function authorisedOnly(payment: Payment): Payment {
  const { status, paymentId, declineReason } = payment;
  if (status === 'declined') {
    throw new DomainError('payment_declined', 402, 'The payment was declined.', { paymentId, reason: declineReason });
  }
  if (status !== 'authorised')
    throw new DomainError('payment_reversed', 409, `The payment is ${status}.`, { paymentId });
  return payment;
}

function addRefundRoute(app: Server, { db, acquirer, now, onEvents }: PaymentsDeps): void {
  app.post(
    '/payments/:paymentId/refund',
    {
      schema: {
        operationId: 'refund',
        tags: ['payments'],
        summary: 'Give the money back',
        description: 'Harmless when repeated. A payment never asked for, or of unknown outcome, is voided.',
        params: paymentParams,
        response: { 200: paymentSchema, 409: problemSchema, 502: problemSchema },
      },
    },
    async (request) => {
      const { paymentId } = request.params;
      await refuseReversal(db, paymentId);
      const payment = await beginRefund(db, paymentId);
      if (payment.status !== 'pending' && payment.status !== 'authorised') return payment;
      const outcome = await reverse(acquirer, paymentId);
      if (outcome === 'nothing_to_refund') return declineLate(paymentId);
      const caller = readCaller(request.headers);
      const settled = await settleRefund(db, paymentId, outcome, { now: now(), caller });
      onEvents();
      return settled;
    },
  );

  /** The answer to the charge was lost, and it was a refusal. */
  async function declineLate(paymentId: string): Promise<Payment> {
    const answer = { status: 'declined', declineReason: 'declined' } as const;
    const caller = { sessionId: null, device: null, channel: null, userId: null };
    const settled = await settlePayment(db, paymentId, answer, { now: now(), caller });
    onEvents();
    return settled;
  }
}
