import { z } from 'zod';
import { categorySchema, productSummarySchema } from '#services/catalog/contract';
import { callerFields } from '#services/kit/caller';
import { defineEvents } from '#services/kit/events/contract';

/** Longest query that is looked at, in characters. */
const maxQueryLength = 100;

const list = (description: string) =>
  z
    .union([z.string(), z.array(z.string()).max(10)])
    .transform((value) => (Array.isArray(value) ? value : [value]))
    .pipe(z.array(z.string().min(1).max(40)))
    .optional()
    .meta({ description });

/** More than that is no price, and more than the database holds in a column. */
const highestPriceMinor = 2_147_483_647;

export const searchQuerySchema = z.object({
  q: z.string().trim().max(maxQueryLength).default('').meta({ example: 'merino jumper' }),
  category: categorySchema.optional(),
  brand: list('Any of these brands.'),
  colour: list('Any of these colours.'),
  minPriceMinor: z.coerce.number().int().min(0).max(highestPriceMinor).optional(),
  maxPriceMinor: z.coerce.number().int().min(0).max(highestPriceMinor).optional(),
  sort: z.enum(['relevance', 'price', '-price']).default('relevance'),
  limit: z.coerce.number().int().min(1).max(100).default(24).meta({ example: 24 }),
  offset: z.coerce.number().int().min(0).max(10_000).default(0).meta({ example: 0 }),
});
export type SearchQuery = z.infer<typeof searchQuerySchema>;

const facetSchema = z.array(z.object({ value: z.string(), count: z.number().int() }));

/** Each facet counts what would be found if nothing were chosen in that facet itself. */
export const searchResultSchema = z
  .object({
    items: z.array(productSummarySchema),
    total: z.number().int(),
    facets: z.object({ category: facetSchema, brand: facetSchema, colour: facetSchema }),
  })
  .meta({ id: 'SearchResult' });
export type SearchResult = z.infer<typeof searchResultSchema>;

/** What search publishes: no words, people type all sorts of things. */
export const events = defineEvents('search', {
  'search.performed': z.object({
    queryHash: z.string(),
    words: z.int(),
    total: z.int(),
    category: z.string().nullable(),
    ...callerFields,
  }),
});
