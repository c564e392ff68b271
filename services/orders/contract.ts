import { z } from 'zod';
import { shortageSchema } from '#services/inventory/contract';
import { callerFields } from '#services/kit/caller';
import { defineEvents } from '#services/kit/events/contract';
import { problemSchema } from '#services/kit/problem';
import { currencySchema, customerAnswerSchema, paymentTokenSchema } from '#services/payments/contract';

export const orderLineSchema = z.object({
  sku: z.string().meta({ example: 'BW-0001-BLK-M' }),
  name: z.string().meta({ example: 'Merino roll-neck' }),
  quantity: z.number().int().min(1).meta({ example: 1 }),
  unitPriceMinor: z.number().int().min(0).meta({ example: 12_990 }),
});
export type OrderLine = z.infer<typeof orderLineSchema>;

export const checkoutRequestSchema = z
  .strictObject({
    cartId: z.string().min(1).max(64).meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
    paymentToken: paymentTokenSchema,
    email: z.email().max(254).optional().meta({ example: 'ada@example.com' }),
  })
  .meta({ id: 'CheckoutRequest' });
export type CheckoutRequest = z.infer<typeof checkoutRequestSchema>;

/**
 * `payment_challenged`: the bank asks its customer whether it is them who pays, until `challengeUntil`.
 * `needs_human`: what is to be undone or given back could not be, and a person sees to it. `refunded`: all of it was given
 * back; an order of which a part was is `confirmed`, with its `refundedMinor`.
 */
export const orderStatusSchema = z.enum([
  ...(['placed', 'payment_challenged', 'confirmed', 'cancelled', 'needs_human'] as const),
  ...(['refund_requested', 'refunded'] as const),
]);

export const orderSchema = z
  .object({
    orderId: z.uuid(),
    status: orderStatusSchema,
    cancelReason: z.string().nullable().meta({ example: null }),
    totalMinor: z.number().int().meta({ example: 12_990 }),
    refundedMinor: z.number().int().min(0).default(0).meta({ example: 0 }),
    currency: currencySchema,
    /** Until when the customer may answer their bank; then the order is cancelled. */
    challengeUntil: z.iso.datetime().nullable().default(null).meta({ example: null }),
    lines: z.array(orderLineSchema),
    placedAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Order' });
export type Order = z.infer<typeof orderSchema>;

/** What the customer says to the question of their bank. */
export const orderChallengeSchema = z.strictObject({ answer: customerAnswerSchema }).meta({ id: 'OrderChallenge' });

export const orderListSchema = z.object({ items: z.array(orderSchema) }).meta({ id: 'OrderList' });

/** What happened to an order, for the staff: without what stands for a card, and without an address. */
export const orderTrailSchema = z
  .object({
    items: z.array(
      z.object({
        version: z.number().int().meta({ example: 12 }),
        at: z.iso.datetime(),
        type: z.string().meta({ example: 'needs_human' }),
        actor: z.enum(['customer', 'staff', 'shop']).meta({ example: 'shop', description: '`shop`: by itself.' }),
        by: z.string().nullable().meta({ example: null, description: 'Who of the staff.' }),
        data: z.record(z.string(), z.unknown()).meta({ example: { call: 'refund', attempts: 40 } }),
      }),
    ),
  })
  .meta({ id: 'OrderTrail' });
export type OrderTrail = z.infer<typeof orderTrailSchema>;

const staffName = z.string().min(1).max(80).meta({ example: 'grace' });

/** The call that an order waits for a person with is to be made again. */
export const retrySchema = z.strictObject({ by: staffName }).meta({ id: 'Retry' });

/** What the call was to do has been done by hand, and the order goes on after it. */
export const resolutionSchema = z
  .strictObject({
    by: staffName,
    note: z.string().trim().min(1).max(500).meta({ example: 'Refunded in the portal of the acquirer.' }),
  })
  .meta({ id: 'Resolution' });

/** Money of a confirmed order is to be given back; without an amount: all that is left. */
export const refundSchema = resolutionSchema
  .extend({ amountMinor: z.number().int().min(1).max(100_000_000).optional().meta({ example: 4_990 }) })
  .meta({ id: 'OrderRefund' });

/** The list of orders is to be made anew from their logs. */
export const rebuildRequestSchema = z.strictObject({ by: staffName }).meta({ id: 'RebuildRequest' });

export const rebuildSchema = z
  .object({
    state: z.enum(['running', 'done', 'failed']).meta({ example: 'done' }),
    by: z.string().meta({ example: 'grace' }),
    orders: z.number().int().meta({ example: 12_480, description: 'How many have been read so far.' }),
    reason: z.string().nullable().meta({ example: null, description: 'Why it failed.' }),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Rebuild' });
export type Rebuild = z.infer<typeof rebuildSchema>;

const refusal = { 400: problemSchema, 404: problemSchema } as const;

/** What the staff does with orders: said here once for orders, and for the back office that passes it through. */
export const staffRoutes = {
  readRebuild: {
    path: '/operations/projections/orders/rebuild',
    summary: 'How the list of orders is being made anew, or was the last time',
    schema: { response: { 200: rebuildSchema, ...refusal } },
  },
  rebuild: {
    path: '/operations/projections/orders/rebuild',
    summary: 'Has the list of orders made anew from their logs, while it is read and written',
    schema: { body: rebuildRequestSchema, response: { 202: rebuildSchema, ...refusal, 409: problemSchema } },
  },
} as const;

/** Where the customer of an order is reached: for services only, and asked for when it is needed. */
export const orderContactSchema = z
  .object({
    email: z.email().nullable().meta({ example: 'ada@example.com' }),
    userId: z.string().nullable().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
  })
  .meta({ id: 'OrderContact' });

const orderEventSchema = z.object({
  orderId: z.string(),
  cartId: z.string(),
  totalMinor: z.int(),
  currency: z.string(),
  lines: z.array(z.object({ sku: z.string(), name: z.string(), quantity: z.int(), unitPriceMinor: z.int() })),
  /** The code of why it was cancelled. */
  reason: z.string().optional(),
  ...callerFields,
});
export type OrderEventData = z.infer<typeof orderEventSchema>;

/** What orders publishes: neither token nor address, events go to everyone. */
export const events = defineEvents('orders', {
  'order.placed': orderEventSchema,
  'order.confirmed': orderEventSchema,
  'order.cancelled': orderEventSchema,
  /** Once per refund, of all or a part. */
  'order.refunded': orderEventSchema.extend({ refundId: z.string(), refundedMinor: z.int() }),
});

/**
 * Codes of the 502 problem with which a checkout ends for good because of a failure: the order is cancelled and whatever
 * was done for it is undone. The same idempotency key gets the same answer; who still wants to buy takes a new one.
 */
const unfinishedCodeSchema = z.enum([
  'inventory_unavailable',
  'payments_unavailable',
  'reservation_lost',
  'checkout_expired',
]);
export type UnfinishedCode = z.infer<typeof unfinishedCodeSchema>;

/** Whether an answer to a checkout is the end of that purchase by a failure, so that another try needs a new key. */
export function isUnfinished(answer: { status: number; body: unknown }): boolean {
  return answer.status === 502 && z.looseObject({ code: unfinishedCodeSchema }).safeParse(answer.body).success;
}

/** The 409 problem `out_of_stock`: what is left of the lines that are short. */
export const shortageProblemSchema = problemSchema.extend({
  code: z.literal('out_of_stock'),
  orderId: z.uuid(),
  left: z.array(shortageSchema),
});
