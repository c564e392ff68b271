import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type Caller, readCaller } from '#services/kit/caller';
import type { Client } from '#services/kit/fetch';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { charge } from './ask-acquirer.ts';
import { addChallengeRoute, changeAfter, standingOnly } from './challenge.ts';
import {
  looksLikeCardNumber,
  type Payment,
  type PaymentRequest,
  paymentParamsSchema,
  paymentRequestSchema,
  paymentSchema,
} from './contract.ts';
import { addEndRoutes } from './end.ts';
import { addReconciliationRoute } from './reconcile.ts';
import { addPartialRefundRoute } from './refunds.ts';
import type { PaymentsDatabase } from './schema.ts';
import { beginPayment, movePayment, readPayment } from './store.ts';
import { addWebhookRoute } from './webhooks.ts';

export type PaymentsDeps = {
  db: Kysely<PaymentsDatabase>;
  acquirer: Client;
  now: () => Date;
  /** With which the acquirer signs what it tells us. */
  webhookSecret: string;
  /** Called after a change that published something. */
  onEvents: () => void;
};

const keyHeader = z.object({
  'idempotency-key': z.string().min(8).max(128).meta({ example: 'order-0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
});

/** Adds the routes of payments to a server. */
export function addRoutes(app: Server, deps: PaymentsDeps): void {
  refuseCardNumbers(app);
  addPayRoute(app, deps);
  addChallengeRoute(app, deps);
  addEndRoutes(app, deps);
  addPartialRefundRoute(app, deps);
  addWebhookRoute(app, deps);
  addReconciliationRoute(app, deps);
  app.get(
    '/payments/:paymentId',
    {
      schema: {
        operationId: 'readPayment',
        tags: ['payments'],
        summary: 'A payment as it now is',
        params: paymentParamsSchema,
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
        summary: 'Have the bank keep an amount for an order',
        description:
          'Asked again with the same idempotency key: the same answer, and nothing is kept twice. 202: the bank asks first.',
        headers: keyHeader,
        body: paymentRequestSchema,
        response: {
          201: paymentSchema,
          202: paymentSchema,
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
      return reply.code(payment.status === 'challenged' ? 202 : 201).send(standingOnly(payment));
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
  const change = changeAfter(await charge(acquirer, paymentId, request));
  const settled = await movePayment(db, paymentId, change, { now: now(), caller });
  onEvents();
  return settled ?? begun.payment;
}
