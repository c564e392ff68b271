import { z } from 'zod';
import { callerFields } from '#services/kit/caller';
import { defineEvents } from '#services/kit/events/contract';

/** Most pieces of one SKU in a cart. */
export const maxQuantity = 20;

/** Most different SKUs in a cart. */
export const maxLines = 50;

const skuSchema = z
  .string()
  .regex(/^BW-\d{4}-[A-Z]{3}-[A-Z0-9]{1,4}$/, 'expected a SKU such as BW-0041-BLK-M')
  .meta({ example: 'BW-0041-BLK-M' });

const cartIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,64}$/, 'expected 8 to 64 letters, digits, dashes or underscores')
  .meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' });

export const cartItemSchema = z
  .object({
    sku: skuSchema,
    productId: z.string().meta({ example: 'BW-0041' }),
    name: z.string().meta({ example: 'Merino roll-neck jumper' }),
    brand: z.string().meta({ example: 'Ostra' }),
    colour: z.string().meta({ example: 'Black' }),
    size: z.string().meta({ example: 'M' }),
    quantity: z.number().int().min(1).max(maxQuantity).meta({ example: 1 }),
    /** The price of now, in minor units. */
    unitPriceMinor: z.number().int().min(0).meta({ example: 12_990 }),
    lineTotalMinor: z.number().int().min(0).meta({ example: 12_990 }),
    /** What it cost when it was put in, if that has changed since; null again once its quantity is set anew. */
    previousPriceMinor: z.number().int().min(0).nullable().meta({ example: null }),
  })
  .meta({ id: 'CartItem' });
export type CartItem = z.infer<typeof cartItemSchema>;

export const cartSchema = z
  .object({
    cartId: cartIdSchema,
    items: z.array(cartItemSchema),
    totalMinor: z.number().int().min(0).meta({ example: 12_990 }),
    currency: z.literal('EUR'),
  })
  .meta({ id: 'Cart' });
export type Cart = z.infer<typeof cartSchema>;

/** Sets the quantity of a SKU; a repetition changes nothing. */
export const putItemSchema = z
  .strictObject({ sku: skuSchema, quantity: z.number().int().min(1).max(maxQuantity).meta({ example: 1 }) })
  .meta({ id: 'CartItemRequest' });

export const cartParamsSchema = z.object({ id: cartIdSchema });
export const itemParamsSchema = z.object({ id: cartIdSchema, sku: skuSchema });

/** Moves what is in another cart into this one. */
export const mergeSchema = z.strictObject({ from: cartIdSchema }).meta({ id: 'CartMerge' });

/** What cart reads of the event order.confirmed. */
export const confirmedOrderSchema = z.looseObject({
  orderId: z.string(),
  cartId: cartIdSchema,
  sessionId: z.string().nullish(),
});

/** What cart publishes. */
export const events = defineEvents('cart', {
  'cart.updated': z.object({
    cartId: z.string(),
    sku: z.string().optional(),
    quantity: z.int(),
    lines: z.int(),
    totalMinor: z.int(),
    currency: z.string(),
    ...callerFields,
  }),
  'cart.checked_out': z.object({ cartId: z.string(), orderId: z.string(), sessionId: z.string().nullable() }),
});
