import { createHash } from 'node:crypto';
import { z } from 'zod';
import { callerFields } from '#services/kit/caller';
import { defineEvents } from '#services/kit/events/contract';

/** What stands for a card: issued by the card form's provider, never a card number. */
export const paymentTokenSchema = z
  .string()
  .regex(/^tok_[A-Za-z0-9_]{1,60}$/, 'expected a payment token: tok_ and letters, digits or underscores')
  .meta({ example: 'tok_ok_visa' });

export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({ example: 'EUR' });

export const paymentRequestSchema = z
  .strictObject({
    orderId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
    amountMinor: z.number().int().min(1).max(100_000_000).meta({ example: 12_990 }),
    currency: currencySchema,
    paymentToken: paymentTokenSchema,
  })
  .meta({ id: 'PaymentRequest' });
export type PaymentRequest = z.infer<typeof paymentRequestSchema>;

/**
 * `challenged`: the bank asks its customer first. `authorised`: the bank keeps the money for us until it `expired`, is `captured` (taken) or `voided` (let go); `capturing`
 * and `voiding` are under way there. `refunded`: taken, and all of it given back.
 */
export const paymentStatusSchema = z.enum([
  ...(['pending', 'challenged', 'authorised', 'declined', 'capturing', 'captured'] as const),
  ...(['voiding', 'voided', 'expired', 'refunded'] as const),
]);
export type PaymentStatus = z.infer<typeof paymentStatusSchema>;

export const paymentSchema = z
  .object({
    paymentId: z.string().meta({ example: 'pay_4c1b0f7d2e5a9b3c8d6e' }),
    orderId: z.uuid().nullable(),
    status: paymentStatusSchema,
    amountMinor: z.number().int().meta({ example: 12_990 }),
    currency: currencySchema.nullable(),
    declineReason: z.string().nullable(),
    /** What the customer is to be asked with while a payment is `challenged`. */
    challengeToken: z.string().nullable(),
    /** Until when the bank keeps an authorised amount. */
    expiresAt: z.iso.datetime().nullable(),
    /** When what was taken went on its way to our account. */
    settledAt: z.iso.datetime().nullable(),
    /** Whether the customer had their bank ask for the money back, and how that ended. */
    dispute: z.enum(['open', 'won', 'lost']).nullable(),
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof paymentSchema>;

export const paymentParamsSchema = z.object({
  paymentId: z.string().min(1).max(64).meta({ example: 'pay_4c1b0f7d2e5a9b3c8d6e' }),
});

/** What the customer says to their bank's question whether it is them who pays. */
export const customerAnswerSchema = z.enum(['approve', 'refuse']);

export const challengeAnswerSchema = z
  .strictObject({
    token: z.string().min(1).max(100).meta({ example: 'chl_0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c15' }),
    answer: customerAnswerSchema,
  })
  .meta({ id: 'ChallengeAnswer' });
export type ChallengeAnswer = z.infer<typeof challengeAnswerSchema>;

/** What the acquirer tells: of types that we do not know too, hence with whatever there is in it. */
export const noticeSchema = z
  .looseObject({
    type: z.string().min(1).max(100).meta({ example: 'charge.settled' }),
    timestamp: z.iso.datetime().meta({ example: '2026-11-23T08:00:10.000Z' }),
    data: z.record(z.string(), z.unknown()).meta({ example: { key: 'pay_4c1b0f7d2e5a9b3c8d6e', amountMinor: 12_990 } }),
  })
  .meta({ id: 'AcquirerNotice' });
export type Notice = z.infer<typeof noticeSchema>;

export const reconciliationSchema = z
  .object({
    /** Until when the acquirer's report was compared; null: never yet. */
    comparedUntil: z.iso.datetime().nullable(),
    open: z.array(
      z.object({
        paymentId: z.string().meta({ example: 'pay_4c1b0f7d2e5a9b3c8d6e' }),
        kind: z.enum(['missing_here', 'missing_there', 'amount', 'state']),
        foundAt: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'Reconciliation' });
export type Reconciliation = z.infer<typeof reconciliationSchema>;

export const partialRefundSchema = z
  .strictObject({ amountMinor: z.number().int().min(1).max(100_000_000).meta({ example: 4_990 }) })
  .meta({ id: 'PartialRefund' });

export const refundSchema = z
  .object({
    paymentId: z.string().meta({ example: 'pay_4c1b0f7d2e5a9b3c8d6e' }),
    refundId: z.uuid(),
    amountMinor: z.number().int().meta({ example: 4_990 }),
  })
  .meta({ id: 'PaymentRefund' });
export type Refund = z.infer<typeof refundSchema>;

/**
 * The id of the payment that an idempotency key makes. Derived, so that a caller that lost the answer (or never sent
 * the request) can still name the payment to refund it.
 */
export function paymentIdFor(idempotencyKey: string): string {
  return `pay_${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 24)}`;
}

const digitsWithSeparators = /\d(?:[ .-]?\d){11,18}/;
const uuids = /(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])/gi;

/**
 * True for text with 12 to 19 digits in a row (spaces, dots and dashes between them do not hide it). One UUID in some
 * hundreds has such a row by chance and is none.
 */
export function looksLikeCardNumber(text: string): boolean {
  return digitsWithSeparators.test(text.replace(uuids, ''));
}

const paymentEventSchema = z.object({
  paymentId: z.string(),
  orderId: z.string().nullable(),
  amountMinor: z.int(),
  currency: z.string().nullable(),
  /** Why it was declined. */
  reason: z.string().optional(),
  ...callerFields,
});

/** What payments publishes. */
export const events = defineEvents('payments', {
  'payment.authorised': paymentEventSchema,
  'payment.declined': paymentEventSchema,
  /** The money is ours: the order stands. */
  'payment.captured': paymentEventSchema,
  /** What was held has been let go, or has expired: it was never ours. */
  'payment.voided': paymentEventSchema,
  'payment.refunded': paymentEventSchema,
  /** Taken back from us after a dispute that was lost: the customer has it from their bank. */
  'payment.charged_back': paymentEventSchema,
});
