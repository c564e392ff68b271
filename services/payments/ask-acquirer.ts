import { z } from 'zod';
import { UnexpectedAnswerError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';
import type { ChallengeAnswer, PaymentRequest, Refund } from './contract.ts';

const chargeAnswerSchema = z.object({
  outcome: z.enum(['approved', 'declined', 'challenge', 'voided']),
  reason: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  challengeToken: z.string().nullable(),
});
export type ChargeAnswer = z.infer<typeof chargeAnswerSchema>;
const captureAnswerSchema = z.object({ outcome: z.enum(['captured', 'expired', 'refused']) });
const refundAnswerSchema = z.object({ outcome: z.enum(['refunded', 'refused']) });
const reversalAnswerSchema = z.object({ outcome: z.enum(['refunded', 'voided', 'nothing_to_refund']) });

const reportSchema = z.object({
  charges: z.array(
    z.object({
      key: z.string(),
      state: z.enum(['challenged', 'held', 'captured', 'voided', 'declined']),
      amountMinor: z.number().int(),
      refundedMinor: z.number().int(),
    }),
  ),
});
/** One line of the acquirer's settlement report. */
export type ReportedCharge = z.infer<typeof reportSchema>['charges'][number];

/**
 * Authorises under a key; asked again, the acquirer repeats its answer.
 * @throws UnansweredError, UnexpectedAnswerError: the amount may or may not be held
 */
export async function charge(
  acquirer: Client,
  paymentId: string,
  { paymentToken, amountMinor, currency }: PaymentRequest,
): Promise<ChargeAnswer> {
  const body = { token: paymentToken, amountMinor, currency };
  const answer = await acquirer.put(`/_acquirer/charges/${paymentId}`, { body });
  if (answer.status !== 200) throw new UnexpectedAnswerError(acquirer.peer, answer.status);
  return chargeAnswerSchema.parse(answer.body);
}

/**
 * Hands over what the customer says to a challenge; asked again, the acquirer says what became of it.
 * @throws UnansweredError, UnexpectedAnswerError: ask again
 */
export async function passChallenge(
  acquirer: Client,
  paymentId: string,
  body: ChallengeAnswer,
): Promise<ChargeAnswer | 'no_such_challenge'> {
  const answer = await acquirer.put(`/_acquirer/charges/${paymentId}/challenge`, { body });
  if (answer.status === 404) return 'no_such_challenge';
  if (answer.status !== 200) throw new UnexpectedAnswerError(acquirer.peer, answer.status);
  return chargeAnswerSchema.parse(answer.body);
}

/**
 * Takes what is held under a key, once.
 * @throws UnansweredError, UnexpectedAnswerError: ask again
 */
export async function capture(
  acquirer: Client,
  paymentId: string,
): Promise<z.infer<typeof captureAnswerSchema>['outcome']> {
  const answer = await acquirer.put(`/_acquirer/charges/${paymentId}/capture`, { body: {} });
  if (answer.status !== 200) throw new UnexpectedAnswerError(acquirer.peer, answer.status);
  return captureAnswerSchema.parse(answer.body).outcome;
}

/**
 * Lets go what is held under a key, gives back what was taken, or sees to it that nothing will be.
 * @throws UnansweredError, UnexpectedAnswerError: ask again
 */
export async function reverse(
  acquirer: Client,
  paymentId: string,
): Promise<z.infer<typeof reversalAnswerSchema>['outcome']> {
  const answer = await acquirer.put(`/_acquirer/charges/${paymentId}/reversal`, { body: {} });
  if (answer.status !== 200) throw new UnexpectedAnswerError(acquirer.peer, answer.status);
  return reversalAnswerSchema.parse(answer.body).outcome;
}

/**
 * Gives a part of what was charged back, once per refund.
 * @throws UnansweredError, UnexpectedAnswerError: ask again
 */
export async function giveBack(
  acquirer: Client,
  { paymentId, refundId, amountMinor }: Refund,
): Promise<z.infer<typeof refundAnswerSchema>['outcome']> {
  const path = `/_acquirer/charges/${paymentId}/refunds/${refundId}`;
  const answer = await acquirer.put(path, { body: { amountMinor } });
  if (answer.status !== 200) throw new UnexpectedAnswerError(acquirer.peer, answer.status);
  return refundAnswerSchema.parse(answer.body).outcome;
}

/**
 * What the acquirer has in its books: all that changed there in a time, or certain payments.
 * @throws UnansweredError, UnexpectedAnswerError
 */
export async function readReport(
  acquirer: Client,
  which: { since: Date; until: Date } | { keys: readonly string[] },
): Promise<ReportedCharge[]> {
  const query = 'keys' in which ? { keys: which.keys.join(',') } : stamps(which);
  const answer = await acquirer.get(`/_acquirer/settlement-report?${new URLSearchParams(query)}`);
  if (answer.status !== 200) throw new UnexpectedAnswerError(acquirer.peer, answer.status);
  return reportSchema.parse(answer.body).charges;
}

function stamps({ since, until }: { since: Date; until: Date }): Record<string, string> {
  return { since: since.toISOString(), until: until.toISOString() };
}
