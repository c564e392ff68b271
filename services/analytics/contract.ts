import { z } from 'zod';

const instant = z.iso.datetime().transform((text) => new Date(text));

/** From (inclusive) and to (exclusive); the last hour unless said otherwise, four weeks at most. */
export const rangeSchema = z.object({
  from: instant.optional().meta({ example: '2026-01-01T00:00:00.000Z' }),
  to: instant.optional().meta({ example: '2026-01-01T01:00:00.000Z' }),
});
export type RangeQuery = z.infer<typeof rangeSchema>;

const count = z.number().int().min(0).meta({ example: 42 });

export const summarySchema = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    /** Sessions that began in the range, by how far they came. */
    funnel: z.object({ seen: count, viewed: count, carts: count, checkouts: count, paid: count }),
    conversion: z
      .number()
      .nullable()
      .meta({ description: 'Of those who viewed a product, the share that paid, 0 to 1.' }),
    abandonment: z
      .number()
      .nullable()
      .meta({ description: 'Of those with a cart, the share that did not pay, 0 to 1.' }),
    orders: count,
    revenueMinor: count,
    /** Given back in the range, whenever it was paid. */
    refundedMinor: count,
    netMinor: z.number().int().meta({ description: 'Revenue less what was given back.', example: 42 }),
    currency: z.string(),
  })
  .meta({ id: 'Summary' });
export type Summary = z.infer<typeof summarySchema>;

export const minuteSchema = z.object({
  minute: z.iso.datetime(),
  views: count,
  carts: count,
  searches: count,
  placed: count,
  confirmed: count,
  cancelled: count,
  refunded: count,
  revenueMinor: count,
  refundedMinor: count,
});
export type Minute = z.infer<typeof minuteSchema>;

export const minutesSchema = z.object({ items: z.array(minuteSchema) }).meta({ id: 'Minutes' });
