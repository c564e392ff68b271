import { z } from 'zod';
import { callerFields } from '#services/kit/caller';
import { defineEvents } from '#services/kit/events/contract';
import { problemSchema } from '#services/kit/problem';

/** A stock-keeping unit as catalog names it. */
export const skuSchema = z
  .string()
  .regex(/^BW-\d{4}-[A-Z]{3}-[A-Z0-9]{1,4}$/, 'expected a SKU such as BW-0041-BLK-M')
  .meta({ example: 'BW-0041-BLK-M' });

const quantitySchema = z.number().int().min(1).max(99).meta({ example: 1 });

export const stockSchema = z
  .object({
    sku: skuSchema,
    /** Pieces that may still be reserved. */
    available: z.number().int().min(0).meta({ example: 37 }),
    status: z.enum(['in_stock', 'low', 'out_of_stock']).meta({ example: 'in_stock' }),
  })
  .meta({ id: 'Stock' });
export type Stock = z.infer<typeof stockSchema>;

/** What a count of the shelf found. */
export const stockCountSchema = z
  .strictObject({ onHand: z.number().int().min(0).max(1_000_000).meta({ example: 60 }) })
  .meta({ id: 'StockCount' });

export const reservationLineSchema = z.strictObject({ sku: skuSchema, quantity: quantitySchema });
export type ReservationLine = z.infer<typeof reservationLineSchema>;

export const reservationRequestSchema = z
  .strictObject({
    orderId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
    lines: z.array(reservationLineSchema).min(1).max(50),
  })
  .meta({ id: 'ReservationRequest' });
export type ReservationRequest = z.infer<typeof reservationRequestSchema>;

export const reservationStatusSchema = z.enum(['held', 'committed', 'released', 'expired']);
export type ReservationStatus = z.infer<typeof reservationStatusSchema>;

export const reservationSchema = z
  .object({
    orderId: z.uuid(),
    status: reservationStatusSchema,
    expiresAt: z.iso.datetime(),
    lines: z.array(reservationLineSchema),
  })
  .meta({ id: 'Reservation' });
export type Reservation = z.infer<typeof reservationSchema>;

/** A line that cannot be served, with the pieces that are left of it. */
export const shortageSchema = z.object({
  sku: skuSchema,
  requested: z.number().int(),
  left: z.number().int().min(0),
});
export type Shortage = z.infer<typeof shortageSchema>;

/** The 409 problem `out_of_stock`: what is left of the lines that are short. */
export const outOfStockProblemSchema = problemSchema.extend({
  code: z.literal('out_of_stock'),
  left: z.array(shortageSchema),
});

/** What inventory publishes. */
export const events = defineEvents('inventory', {
  'stock.reserved': z.object({
    orderId: z.string(),
    lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
    ...callerFields,
  }),
  'stock.released': z.object({ orderId: z.string(), reason: z.string() }),
  'stock.low': z.object({ sku: z.string(), available: z.int() }),
});
