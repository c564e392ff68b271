import { z } from 'zod';
import { productSummarySchema } from '#services/catalog/contract';

export const recommendationsQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(20).default(10).meta({ example: 10 }),
});

export const recommendationsSchema = z
  .object({
    /** Which model said so; a label of the metric too, so that two can be compared. */
    model: z.string().meta({ example: 'item-cosine-1' }),
    items: z.array(
      productSummarySchema.extend({ reason: z.enum(['bought_together', 'popular']), score: z.number().min(0) }),
    ),
  })
  .meta({ id: 'Recommendations' });
export type Recommendations = z.infer<typeof recommendationsSchema>;

/** What recommendations reads of the event order.confirmed. */
export const learntOrderSchema = z.looseObject({
  orderId: z.string(),
  lines: z.array(z.looseObject({ sku: z.string() })),
});
