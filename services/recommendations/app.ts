import { metrics } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import { productListSchema, productParamsSchema } from '#services/catalog/contract';
import { type Caller, readCaller } from '#services/kit/caller';
import { UnexpectedAnswerError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';
import type { Flags } from '#services/kit/flags/flags';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { type Recommendations, recommendationsQuerySchema, recommendationsSchema } from './contract.ts';
import { modelVersion } from './model.ts';
import type { RecommendationsTables } from './schema.ts';
import { recommend, type Scored } from './store.ts';

export type RecommendationsOptions = { db: Kysely<RecommendationsTables>; catalog: Client; flags: Flags };

const served = metrics
  .getMeter('bellwether/recommendations')
  .createCounter('recommendations.served', { description: 'Products recommended, by model and reason.' });

/** Adds the routes of recommendations. */
export function addRoutes(app: Server, { db, catalog, flags }: RecommendationsOptions): void {
  const schema = {
    params: productParamsSchema,
    querystring: recommendationsQuerySchema,
    response: { 200: recommendationsSchema, 400: problemSchema, 502: problemSchema },
  };
  app.get(
    '/products/:id/recommendations',
    { schema: { summary: 'What goes with a product', tags: ['recommendations'], ...schema } },
    async (request) => {
      const caller = readCaller(request.headers);
      if (!(await flags.isOn('recommendations-shown', true, caller))) return { model: modelVersion, items: [] };
      const scored = await recommend(db, { productId: request.params.id, limit: request.query.limit });
      return present(catalog, scored, caller);
    },
  );
}

/** With names and prices of now; what the catalogue no longer has is left out. */
async function present(catalog: Client, scored: readonly Scored[], caller: Caller): Promise<Recommendations> {
  if (scored.length === 0) return { model: modelVersion, items: [] };
  const ids = scored.map(({ productId }) => productId).join(',');
  const answer = await catalog.get(`/products?ids=${encodeURIComponent(ids)}&limit=${scored.length}`, { caller });
  const list = productListSchema.safeParse(answer.body);
  if (answer.status !== 200 || !list.success) throw new UnexpectedAnswerError('catalog', answer.status);
  const products = new Map(list.data.items.map((product) => [product.id, product]));
  const items = scored.flatMap(({ productId, score, reason }) => {
    const product = products.get(productId);
    if (product === undefined) return [];
    served.add(1, { model: modelVersion, reason });
    return [{ ...product, score, reason }];
  });
  return { model: modelVersion, items };
}
