import { z } from 'zod';
import { callerFields } from '#services/kit/caller';
import { defineEvents } from '#services/kit/events/contract';

export const categories = [
  'dresses',
  'knitwear',
  'shirts',
  'tops',
  'trousers',
  'denim',
  'skirts',
  'outerwear',
  'tailoring',
  'sportswear',
  'shoes',
  'bags',
  'accessories',
] as const;

export const categorySchema = z.enum(categories).meta({ example: 'knitwear' });
export type Category = z.infer<typeof categorySchema>;

const productIdSchema = z
  .string()
  .regex(/^BW-\d{4}$/, 'expected a product id such as BW-0041')
  .meta({ example: 'BW-0041' });
const skuSchema = z
  .string()
  .regex(/^BW-\d{4}-[A-Z]{3}-[A-Z0-9]{1,4}$/, 'expected a SKU such as BW-0041-BLK-M')
  .meta({ example: 'BW-0041-BLK-M' });
const priceSchema = z.number().int().min(0).meta({ example: 12_990, description: 'In minor units: cents.' });
const wasSchema = priceSchema
  .optional()
  .meta({ example: 15_990, description: 'The regular price, while a sale asks less.' });
const currencySchema = z.literal('EUR');

const mediumShape = {
  kind: z.literal('image'),
  url: z
    .string()
    .max(300)
    .regex(/^\/(?!\/)[\w./-]+$/, 'expected a path on the site of the shop')
    .meta({ example: '/media/BW-0041/front.webp' }),
  alt: z.string().trim().min(1).max(200).meta({ example: 'The jumper in black, from the front' }),
  colour: z.string().max(40).optional().meta({ example: 'Black', description: 'What it shows; absent: any colour.' }),
  width: z.number().int().min(1).max(10_000).meta({ example: 800, description: 'In pixels.' }),
  height: z.number().int().min(1).max(10_000).meta({ example: 1_000, description: 'In pixels.' }),
};
const mediumSchema = z.object(mediumShape).meta({ id: 'Medium' });
export type Medium = z.infer<typeof mediumSchema>;

export const productSummarySchema = z
  .object({
    id: productIdSchema,
    name: z.string().meta({ example: 'Merino roll-neck jumper' }),
    brand: z.string().meta({ example: 'Ostra' }),
    category: categorySchema,
    priceMinor: priceSchema,
    wasMinor: wasSchema,
    currency: currencySchema,
    colours: z.array(z.string()).meta({ example: ['Black', 'Oat'] }),
    media: z
      .array(mediumSchema)
      .optional()
      .meta({ description: 'Pictures in the order in which to show them; absent: it is drawn from what it is.' }),
  })
  .meta({ id: 'ProductSummary' });
export type ProductSummary = z.infer<typeof productSummarySchema>;

export const variantSchema = z
  .object({
    sku: skuSchema,
    productId: productIdSchema,
    name: z.string().meta({ example: 'Merino roll-neck jumper' }),
    brand: z.string().meta({ example: 'Ostra' }),
    colour: z.string().meta({ example: 'Black' }),
    size: z.string().meta({ example: 'M' }),
    priceMinor: priceSchema,
    wasMinor: wasSchema,
    currency: currencySchema,
  })
  .meta({ id: 'Variant' });
export type Variant = z.infer<typeof variantSchema>;

export const productSchema = productSummarySchema
  .extend({ description: z.string(), sizes: z.array(z.string()), variants: z.array(variantSchema) })
  .meta({ id: 'Product' });
export type Product = z.infer<typeof productSchema>;

export const productListSchema = z
  .object({
    items: z.array(productSummarySchema),
    total: z.number().int(),
    limit: z.number().int(),
    offset: z.number().int(),
  })
  .meta({ id: 'ProductList' });
export type ProductList = z.infer<typeof productListSchema>;

export const productQuerySchema = z.object({
  category: categorySchema.optional(),
  ids: z
    .string()
    .max(1_000)
    .transform((ids) => ids.split(','))
    .optional()
    .meta({ description: 'Only these products, separated by commas.', example: undefined }),
  limit: z.coerce.number().int().min(1).max(100).default(24).meta({ example: 24 }),
  offset: z.coerce.number().int().min(0).max(10_000).default(0).meta({ example: 0 }),
});

/** The product that a SKU is a variant of. */
export function productIdOf(sku: string): string {
  return sku.split('-').slice(0, 2).join('-');
}

/** Any text: what is not an id is unknown like any other. */
const keySchema = z.string().regex(/^[\x20-\x7e]{1,64}$/, 'expected 1 to 64 printable characters');

export const productParamsSchema = z.object({ id: keySchema.meta({ example: 'BW-0041' }) });
export const variantParamsSchema = z.object({ sku: keySchema.meta({ example: 'BW-0041-BLK-M' }) });

export const changesQuerySchema = z.object({
  after: z.coerce.number().int().min(0).default(0).meta({ example: 0 }),
  limit: z.coerce.number().int().min(1).max(500).default(200).meta({ example: 200 }),
});

/** Products as they are now, in the order of their last change: whoever reads on from `next` misses none. */
export const changesSchema = z
  .object({
    items: z.array(productSchema),
    next: z.number().int().meta({ description: 'Where to read on: `after` of the next request.' }),
    more: z.boolean(),
  })
  .meta({ id: 'ProductChanges' });
export type Changes = z.infer<typeof changesSchema>;

export const newPriceSchema = z
  .strictObject({ priceMinor: z.number().int().min(1).max(10_000_000).meta({ example: 9_990 }) })
  .meta({ id: 'NewPrice' });

export const newMediaSchema = z
  .strictObject({ media: z.array(z.strictObject(mediumShape)).max(20) })
  .meta({ id: 'NewMedia' });

export const newSaleSchema = z
  .strictObject({
    priceMinor: z.number().int().min(1).max(10_000_000).meta({ example: 9_990 }),
    validFrom: z.iso.datetime().meta({ example: '2030-11-29T00:00:00.000Z' }),
    validTo: z.iso.datetime().meta({ example: '2030-12-02T00:00:00.000Z', description: 'The first moment after it.' }),
  })
  .refine(({ validFrom, validTo }) => Date.parse(validFrom) < Date.parse(validTo), {
    path: ['validTo'],
    message: 'expected to be after validFrom',
  })
  .meta({ id: 'NewSale' });
export type NewSale = z.infer<typeof newSaleSchema>;

const saleIdSchema = z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' });
export const saleParamsSchema = productParamsSchema.extend({ saleId: saleIdSchema });

export const saleSchema = z
  .object({
    saleId: saleIdSchema,
    productId: productIdSchema,
    priceMinor: priceSchema,
    validFrom: z.iso.datetime(),
    validTo: z.iso.datetime(),
    state: z.enum(['scheduled', 'running', 'ended']),
  })
  .meta({ id: 'Sale' });
export type Sale = z.infer<typeof saleSchema>;
export const saleListSchema = z.object({ items: z.array(saleSchema) }).meta({ id: 'SaleList' });

/** What others read of the event product.changed. */
export const productChangedSchema = z.looseObject({ productId: productIdSchema, skus: z.array(skuSchema) });

/** What catalog publishes. */
export const events = defineEvents('catalog', {
  'product.viewed': z.object({
    productId: z.string(),
    category: z.string(),
    priceMinor: z.int(),
    currency: z.string(),
    ...callerFields,
  }),
  'product.changed': z.object({ productId: z.string(), skus: z.array(z.string()) }),
});
