import { readCaller } from '#services/kit/caller';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import type { PaymentsDeps } from './app.ts';
import { type ChargeAnswer, passChallenge } from './ask-acquirer.ts';
import { challengeAnswerSchema, type Payment, paymentParamsSchema, paymentSchema } from './contract.ts';
import { stands } from './lifecycle.ts';
import { type Change, movePayment, readPayment } from './store.ts';

/** Adds the answer of a customer whom the bank asked whether it is them who pays. */
export function addChallengeRoute(app: Server, { db, acquirer, now, onEvents }: PaymentsDeps): void {
  app.post(
    '/payments/:paymentId/challenge',
    {
      schema: {
        operationId: 'answerChallenge',
        tags: ['payments'],
        summary: 'What the customer says to the challenge of their bank',
        description: 'Harmless when repeated: the first answer counts.',
        params: paymentParamsSchema,
        body: challengeAnswerSchema,
        response: {
          200: paymentSchema,
          402: problemSchema,
          404: problemSchema,
          409: problemSchema,
          502: problemSchema,
        },
      },
    },
    async ({ params: { paymentId }, body, headers }) => {
      const before = await readPayment(db, paymentId);
      if (before === undefined) throw new DomainError('unknown_payment', 404, 'There is no such payment.');
      if (before.status !== 'challenged') return standingOnly(before);
      const answer = await passChallenge(acquirer, paymentId, body);
      if (answer === 'no_such_challenge')
        throw new DomainError('unknown_challenge', 404, 'There is no such challenge.');
      const occasion = { now: now(), caller: readCaller(headers) };
      const after = await movePayment(db, paymentId, changeAfter(answer), occasion);
      onEvents();
      return standingOnly(after ?? before);
    },
  );
}

/** What the acquirer's answer to a charge makes of its payment. */
export function changeAfter({ outcome, reason, expiresAt, challengeToken }: ChargeAnswer): Change {
  switch (outcome) {
    case 'approved':
      return { to: 'authorised', ...(expiresAt === null ? {} : { expiresAt: new Date(expiresAt) }) };
    case 'challenge':
      return { to: 'challenged', ...(challengeToken === null ? {} : { challengeToken }) };
    case 'declined':
      return { to: 'declined', reason: reason ?? 'declined' };
    case 'voided':
      return { to: 'voided' };
  }
}

/** @throws DomainError for a payment that did not (or no longer does) stand, nor waits for its customer */
export function standingOnly(payment: Payment): Payment {
  const { status, paymentId, declineReason } = payment;
  if (status === 'declined') {
    throw new DomainError('payment_declined', 402, 'The payment was declined.', { paymentId, reason: declineReason });
  }
  if (status !== 'challenged' && !stands(status)) {
    throw new DomainError('payment_reversed', 409, `The payment is ${status}.`, { paymentId });
  }
  return payment;
}
