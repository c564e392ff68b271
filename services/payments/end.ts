import { readCaller } from '#services/kit/caller';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import type { PaymentsDeps } from './app.ts';
import { capture, reverse } from './ask-acquirer.ts';
import { type Payment, paymentParamsSchema, paymentSchema } from './contract.ts';
import type { Target } from './lifecycle.ts';
import { refuseReversal } from './refunds.ts';
import { beginUndo, movePayment, type Occasion } from './store.ts';

/** Adds the two ends of what was authorised: it is taken, or undone. The row decides which, before the bank is asked. */
export function addEndRoutes(app: Server, deps: PaymentsDeps): void {
  app.post(
    '/payments/:paymentId/capture',
    {
      schema: {
        operationId: 'capture',
        tags: ['payments'],
        summary: 'Take what was authorised',
        description: 'Harmless when repeated. What is being undone, or has expired, is not taken.',
        params: paymentParamsSchema,
        response: { 200: paymentSchema, 404: problemSchema, 409: problemSchema, 502: problemSchema },
      },
    },
    ({ params: { paymentId }, headers }) => take(deps, paymentId, { now: deps.now(), caller: readCaller(headers) }),
  );
  app.post(
    '/payments/:paymentId/refund',
    {
      schema: {
        operationId: 'refund',
        tags: ['payments'],
        summary: 'Undo a payment: let go what is held, give back what was taken',
        description: 'Harmless when repeated. A payment never asked for, or of unknown outcome, is voided.',
        params: paymentParamsSchema,
        response: { 200: paymentSchema, 409: problemSchema, 502: problemSchema },
      },
    },
    ({ params: { paymentId }, headers }) => undo(deps, paymentId, { now: deps.now(), caller: readCaller(headers) }),
  );
}

async function take(deps: PaymentsDeps, paymentId: string, occasion: Occasion): Promise<Payment> {
  const payment = await movePayment(deps.db, paymentId, { to: 'capturing' }, occasion);
  if (payment === undefined) throw new DomainError('unknown_payment', 404, 'There is no such payment.');
  if (payment.status === 'captured' || payment.status === 'refunded') return payment;
  if (payment.status !== 'capturing') throw notCapturable(payment.status);
  const outcome = await capture(deps.acquirer, paymentId);
  if (outcome === 'refused') throw new DomainError('capture_refused', 409, 'The acquirer refuses this capture.');
  const reason = outcome === 'expired' ? 'authorisation_expired' : null;
  const settled = await settle(deps, payment, { to: outcome, reason }, occasion);
  if (settled.status === 'expired') throw notCapturable('expired');
  return settled;
}

function notCapturable(status: Payment['status']): DomainError {
  if (status === 'expired') {
    return new DomainError('authorisation_expired', 409, 'The bank holds this amount no longer; nothing was taken.');
  }
  return new DomainError('not_capturable', 409, `The payment is ${status}.`);
}

async function undo(deps: PaymentsDeps, paymentId: string, occasion: Occasion): Promise<Payment> {
  await refuseReversal(deps.db, paymentId);
  const payment = await beginUndo(deps.db, paymentId, occasion);
  if (payment.status === 'capturing') {
    throw new DomainError('capture_under_way', 409, 'The money is being taken: ask again once it has been.');
  }
  if (payment.status !== 'voiding' && payment.status !== 'captured') return payment;
  const outcome = await reverse(deps.acquirer, paymentId);
  // The answer to the charge was lost, and it was a refusal.
  const refused = { to: 'declined', reason: 'declined' } as const;
  return settle(deps, payment, outcome === 'nothing_to_refund' ? refused : { to: outcome }, occasion);
}

async function settle(
  { db, onEvents }: PaymentsDeps,
  payment: Payment,
  change: { to: Target; reason?: string | null },
  occasion: Occasion,
): Promise<Payment> {
  const settled = await movePayment(db, payment.paymentId, change, occasion);
  onEvents();
  return settled ?? payment;
}
