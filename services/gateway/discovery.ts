import { z } from 'zod';
import { passOn } from '#services/kit/pass-on';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { recommendationsQuerySchema, recommendationsSchema } from '#services/recommendations/contract';
import { newReviewSchema, productReviewsSchema, reviewSchema } from '#services/reviews/contract';
import { searchQuerySchema, searchResultSchema } from '#services/search/contract';
import { failures, productKey } from './answers.ts';
import type { GatewayOptions } from './app.ts';
import { callerOf, scopeOf } from './scope.ts';

const params = z.object({ id: productKey });
const badRequest = { 400: problemSchema };

/** Adds what helps to find a product and to decide for it: search, reviews, what goes with it. */
export function addDiscovery(app: Server, options: GatewayOptions): void {
  const { peers, sessions, responses } = options;
  const search = { querystring: searchQuerySchema, response: { 200: searchResultSchema, ...badRequest, ...failures } };
  const summary = 'Products by words, with facets; forgives typing errors';
  app.get('/api/search', { schema: { summary, tags: ['browse'], ...search } }, async (request) => {
    const caller = await callerOf(request, sessions);
    return passOn(
      'search',
      await peers.search.get(`/search?${toQuery(request.query)}`, { caller }),
      searchResultSchema,
    );
  });

  const goesWith = {
    params,
    querystring: recommendationsQuerySchema,
    response: { 200: recommendationsSchema, ...badRequest, ...failures },
  };
  app.get(
    '/api/products/:id/recommendations',
    { schema: { summary: 'What goes with a product', tags: ['browse'], ...goesWith } },
    async (request) => {
      await callerOf(request, sessions);
      const path = `/products/${encodeURIComponent(request.params.id)}/recommendations?limit=${request.query.limit}`;
      return responses.get('recommendations', path, async () =>
        passOn('recommendations', await peers.recommendations.get(path), recommendationsSchema),
      );
    },
  );
  addReviews(app, options);
}

function addReviews(app: Server, { peers, sessions, responses }: GatewayOptions): void {
  const path = (id: string): string => `/products/${encodeURIComponent(id)}/reviews`;
  const page = z.object({
    limit: z.coerce.number().int().min(1).max(50).default(10).meta({ example: 10 }),
    offset: z.coerce.number().int().min(0).max(10_000).default(0).meta({ example: 0 }),
  });
  const list = { params, querystring: page, response: { 200: productReviewsSchema, ...badRequest, ...failures } };
  app.get(
    '/api/products/:id/reviews',
    { schema: { summary: 'Reviews', tags: ['browse'], ...list } },
    async (request) => {
      await callerOf(request, sessions);
      const url = `${path(request.params.id)}?${toQuery(request.query)}`;
      const load = async () => passOn('reviews', await peers.reviews.get(url), productReviewsSchema);
      // Only the page that everybody sees is kept: the one that a new review makes old.
      const { limit, offset } = page.parse({});
      const isFirst = request.query.limit === limit && request.query.offset === offset;
      return isFirst ? responses.get('reviews', path(request.params.id), load) : load();
    },
  );

  const post = {
    params,
    body: newReviewSchema,
    response: { 201: reviewSchema, 401: problemSchema, 403: problemSchema, ...badRequest, ...failures },
  };
  const summary = 'Reviews a product from one of the own orders';
  app.post('/api/products/:id/reviews', { schema: { summary, tags: ['account'], ...post } }, async (request, reply) => {
    const { caller } = await scopeOf(request, sessions);
    // One review per order and product: a repetition gets the first.
    const call = { caller, body: request.body, idempotent: true };
    const answer = await peers.reviews.post(path(request.params.id), call);
    const review = passOn('reviews', answer, reviewSchema);
    await responses.forget('reviews', path(request.params.id));
    return reply.code(201).send(review);
  });
}

function toQuery(query: Record<string, string | number | string[] | undefined>): URLSearchParams {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((item): [string, string] => [name, String(item)]),
  );
  return new URLSearchParams(pairs);
}
