import { z } from 'zod';
import { shortageSchema } from '#services/inventory/contract';
import { callerFields } from '#services/kit/caller';
import { readCursor, writeCursor } from '#services/kit/cursor';
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
const orderStatusSchema = z.enum([
  ...(['placed', 'payment_challenged', 'confirmed', 'cancelled', 'needs_human'] as const),
  ...(['refund_requested', 'refunded'] as const),
]);

/** Of these an order is neither confirmed nor cancelled yet. */
export const unfinishedStatuses: readonly Order['status'][] = ['placed', 'payment_challenged', 'needs_human'];

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

const id = z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' });
const stamp = z.iso.datetime().meta({ example: '2026-11-23T08:00:00.000Z' });

/** What the staff search orders by; all that is given has to be so. A field that is not there is an error, not ignored. */
export const orderSearchSchema = z.strictObject({
  status: orderStatusSchema.optional().meta({ example: 'needs_human' }),
  userId: id.optional(),
  idPrefix: z
    .string()
    .min(4)
    .refine((text) => idRange(text) !== null, 'expected the beginning of an order id')
    .optional()
    .meta({ example: '0198f6a2' }),
  placedFrom: stamp.optional(),
  /** Itself left out. */
  placedUntil: stamp.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ example: 50 }),
  cursor: z
    .string()
    .max(200)
    .refine((text) => readCursor(text, placeSchema) !== null, 'expected `next` of an earlier page')
    .optional()
    .meta({ example: writeCursor(['2026-11-23T08:00:00.000Z', '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11']) }),
});
export type OrderSearch = z.infer<typeof orderSearchSchema>;

/** Where a page of orders ends: when the last of it was placed, and its id. */
export const placeSchema = z.tuple([z.iso.datetime(), z.uuid()]);

export const orderPageSchema = orderListSchema
  .extend({ next: z.string().nullable().meta({ example: null, description: 'The cursor of the next page.' }) })
  .meta({ id: 'OrderPage' });
export type OrderPage = z.infer<typeof orderPageSchema>;

/** The lowest and the highest id with a beginning; null when no id begins so. */
export function idRange(prefix: string): { lowest: string; highest: string } | null {
  const fill = (digit: string): string =>
    prefix + '00000000-0000-0000-0000-000000000000'.replaceAll('0', digit).slice(prefix.length);
  return z.guid().safeParse(fill('0')).success ? { lowest: fill('0'), highest: fill('f') } : null;
}

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
const retrySchema = z.strictObject({ by: staffName }).meta({ id: 'Retry' });

/** What the call was to do has been done by hand, and the order goes on after it. */
const resolutionSchema = z
  .strictObject({
    by: staffName,
    note: z.string().trim().min(1).max(500).meta({ example: 'Refunded in the portal of the acquirer.' }),
  })
  .meta({ id: 'Resolution' });

/** Money of a confirmed order is to be given back; without an amount: all that is left. */
const refundSchema = resolutionSchema
  .extend({ amountMinor: z.number().int().min(1).max(100_000_000).optional().meta({ example: 4_990 }) })
  .meta({ id: 'OrderRefund' });

/** The list of orders is to be made anew from their logs. */
const rebuildRequestSchema = z.strictObject({ by: staffName }).meta({ id: 'RebuildRequest' });

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

const params = z.object({ id });
const refusals = { 400: problemSchema, 404: problemSchema };
const changed = { 200: orderSchema, ...refusals, 409: problemSchema };
const refundId = z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c12' });
const rebuildPath = '/operations/projections/orders/rebuild';

/** What the staff does with orders: said here once, for orders and for the back office that passes it through. */
export const staffRoutes = {
  search: {
    path: '/orders',
    schema: {
      summary: 'Orders by what they are searched for, the newest first',
      ...{ querystring: orderSearchSchema, response: { 200: orderPageSchema, 400: problemSchema } },
    },
  },
  read: {
    path: '/orders/:id',
    schema: { summary: 'An order as it now is', params, response: { 200: orderSchema, ...refusals } },
  },
  readTrail: {
    path: '/orders/:id/events',
    schema: {
      summary: 'What happened to an order, when, and who did it',
      ...{ params, response: { 200: orderTrailSchema, ...refusals } },
    },
  },
  retry: {
    path: '/orders/:id/retry',
    schema: { summary: 'Has a stuck order go on', params, body: retrySchema, response: changed },
  },
  resolve: {
    path: '/orders/:id/resolve',
    schema: {
      summary: 'Has a stuck order go on after what was done by hand',
      ...{ params, body: resolutionSchema, response: changed },
    },
  },
  refund: {
    path: '/orders/:id/refunds/:refundId',
    schema: {
      summary: 'Gives money of a confirmed order back, once under its id',
      params: params.extend({ refundId }),
      ...{ body: refundSchema, response: { ...changed, 422: problemSchema } },
    },
  },
  readRebuild: {
    path: rebuildPath,
    schema: {
      summary: 'How the list of orders is being made anew, or was the last time',
      response: { 200: rebuildSchema, ...refusals },
    },
  },
  rebuild: {
    path: rebuildPath,
    schema: {
      summary: 'Has the list of orders made anew from their logs, while it is read and written',
      ...{ body: rebuildRequestSchema, response: { 202: rebuildSchema, ...refusals, 409: problemSchema } },
    },
  },
};

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
