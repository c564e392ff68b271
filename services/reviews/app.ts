import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type Caller, readCaller } from '#services/kit/caller';
import { UnexpectedAnswerError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';
import type { Flags } from '#services/kit/flags/flags';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { orderSchema } from '#services/orders/contract';
import { decisionSchema, newReviewSchema, productReviewsSchema, reviewSchema } from './contract.ts';
import type { ReviewsTables } from './schema.ts';
import { decide, listPending, postReview, readProductReviews } from './store.ts';

export type ReviewsOptions = {
  db: Kysely<ReviewsTables>;
  orders: Client;
  flags: Flags;
  now: () => number;
  /** Called after each change, so that its event is relayed at once. */
  changed: () => void;
};

const productParams = z.object({
  productId: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/, 'expected a product id')
    .meta({ example: 'BW-0041' }),
});
const page = z.object({
  limit: z.coerce.number().int().min(1).max(50).default(10).meta({ example: 10 }),
  offset: z.coerce.number().int().min(0).max(10_000).default(0).meta({ example: 0 }),
});

/** Adds the routes of reviews. */
export function addRoutes(app: Server, options: ReviewsOptions): void {
  const { db, flags, now, changed } = options;
  const tags = ['reviews'];
  const list = {
    params: productParams,
    querystring: page,
    response: { 200: productReviewsSchema, 400: problemSchema },
  };
  app.get(
    '/products/:productId/reviews',
    { schema: { summary: 'Published reviews, newest first, and the rating', tags, ...list } },
    async (request) => readProductReviews(db, request.params.productId, request.query),
  );
  const post = {
    params: productParams,
    body: newReviewSchema,
    response: { 201: reviewSchema, 400: problemSchema, 403: problemSchema, 502: problemSchema },
  };
  app.post(
    '/products/:productId/reviews',
    { schema: { summary: 'Reviews a product from one of the own orders', tags, ...post } },
    async (request, reply) => {
      const { productId } = request.params;
      const caller = readCaller(request.headers);
      await requirePurchase(options.orders, { productId, orderId: request.body.orderId, caller });
      const held = await flags.isOn('reviews-held', false, caller);
      const review = await postReview(db, { productId, review: request.body, held, caller, now: new Date(now()) });
      changed();
      return reply.code(201).send(review);
    },
  );
  addModeration(app, options);
}

function addModeration(app: Server, { db }: ReviewsOptions): void {
  const tags = ['moderation'];
  const pending = { response: { 200: z.object({ items: z.array(reviewSchema) }) } };
  app.get('/reviews/pending', { schema: { summary: 'What waits for a person', tags, ...pending } }, async () => ({
    items: await listPending(db, 100),
  }));
  const body = {
    params: z.object({ reviewId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }) }),
    body: decisionSchema,
    response: { 200: reviewSchema, 400: problemSchema, 404: problemSchema, 409: problemSchema },
  };
  app.post(
    '/reviews/:reviewId/decision',
    { schema: { summary: 'Publishes or rejects what waits', tags, ...body } },
    async (request) => decide(db, request.params.reviewId, request.body),
  );
}

/** @throws DomainError 403 `not_purchased` unless the caller's own, confirmed order has the product */
async function requirePurchase(
  orders: Client,
  { productId, orderId, caller }: { productId: string; orderId: string; caller: Caller },
): Promise<void> {
  const refusal = new DomainError('not_purchased', 403, 'Only who bought a product can review it.');
  if (caller.sessionId === null && caller.userId === null) throw refusal;
  const answer = await orders.get(`/orders/${orderId}`, { caller });
  if (answer.status === 404) throw refusal;
  const order = orderSchema.safeParse(answer.body);
  if (answer.status !== 200 || !order.success) throw new UnexpectedAnswerError('orders', answer.status);
  const { status, lines } = order.data;
  if (status !== 'confirmed' || !lines.some(({ sku }) => sku.startsWith(`${productId}-`))) throw refusal;
}
