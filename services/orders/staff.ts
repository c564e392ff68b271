import type { Kysely } from 'kysely';
import { z } from 'zod';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import {
  type Order,
  type OrderTrail,
  orderListSchema,
  orderSchema,
  orderStatusSchema,
  orderTrailSchema,
  refundSchema,
  resolutionSchema,
  retrySchema,
} from './contract.ts';
import type { OrderEvent, OrderState, RecordedEvent } from './order.ts';
import { listOrders, viewOrder } from './projection.ts';
import { requestRefund } from './refund.ts';
import { ConcurrentAppendError, type SagaPorts } from './run-saga.ts';
import type { OrdersDatabase } from './schema.ts';
import { readEvents } from './store.ts';

type Ports = Pick<SagaPorts, 'load' | 'append'>;

const tags = ['staff'];
const params = z.object({ id: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' }) });
export const description = 'For the back office; the gateway has no way here.';

/** Adds the routes of the back office. */
export function addStaffRoutes(app: Server, db: Kysely<OrdersDatabase>, ports: Ports): void {
  const list = {
    querystring: z.object({
      status: orderStatusSchema.optional().meta({ example: 'needs_human' }),
      limit: z.coerce.number().int().min(1).max(200).default(50).meta({ example: 50 }),
    }),
    response: { 200: orderListSchema, 400: problemSchema },
  };
  app.get(
    '/orders',
    { schema: { operationId: 'listAllOrders', summary: 'The newest orders', description, tags, ...list } },
    async ({ query }) => ({ items: await listOrders(db, query) }),
  );
  const trail = { params, response: { 200: orderTrailSchema, 400: problemSchema, 404: problemSchema } };
  app.get(
    '/orders/:id/events',
    { schema: { operationId: 'readTrail', summary: 'What happened to an order', description, tags, ...trail } },
    async (request) => {
      const events = await readEvents(db, request.params.id);
      if (events.length === 0) throw new DomainError('unknown_order', 404, 'There is no such order.');
      return { items: events.map(toTrail) };
    },
  );
  addDeeds(app, ports);
}

function addDeeds(app: Server, ports: Ports): void {
  const response = { 200: orderSchema, 400: problemSchema, 404: problemSchema, 409: problemSchema };
  const retry = { params, body: retrySchema, response };
  app.post(
    '/orders/:id/retry',
    { schema: { operationId: 'retryOrder', summary: 'Has a stuck order go on', description, tags, ...retry } },
    async ({ params: { id }, body }) =>
      change(ports, id, (state) => setGoing(state, { type: 'retry_requested', data: body })),
  );
  const resolve = { params, body: resolutionSchema, response };
  const summary = 'Has a stuck order go on after what was done by hand';
  app.post(
    '/orders/:id/resolve',
    { schema: { operationId: 'resolveOrder', summary, description, tags, ...resolve } },
    async ({ params: { id }, body }) =>
      change(ports, id, (state) => setGoing(state, { type: 'resolved_by_hand', data: body })),
  );
  const refund = {
    params: params.extend({ refundId: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c12' }) }),
    body: refundSchema,
    response: { ...response, 422: problemSchema },
  };
  app.put(
    '/orders/:id/refunds/:refundId',
    {
      schema: {
        ...{ operationId: 'refundOrder', summary: 'Gives money of a confirmed order back', tags, ...refund },
        description: `Under the same id once, however often it is asked. ${description}`,
      },
    },
    async ({ params: { id, refundId }, body }) =>
      change(ports, id, (state) => requestRefund(state, { ...body, refundId })),
  );
}

/**
 * Appends what `decide` makes of the order as it is, if anything.
 * @throws DomainError 404 `unknown_order`, 409 `order_went_on`, and what `decide` throws
 */
async function change(
  { load, append }: Ports,
  orderId: string,
  decide: (state: OrderState) => OrderEvent | undefined,
): Promise<Order> {
  const state = await load(orderId);
  if (state === undefined) throw new DomainError('unknown_order', 404, 'There is no such order.');
  const event = decide(state);
  try {
    return viewOrder(event === undefined ? state : await append(state, [event]));
  } catch (error) {
    if (!(error instanceof ConcurrentAppendError)) throw error;
    throw new DomainError('order_went_on', 409, 'Somebody else was first: look at the order again.');
  }
}

/** @throws DomainError 409 `not_stuck` */
function setGoing({ needsHuman }: OrderState, event: OrderEvent): OrderEvent {
  if (needsHuman === null) throw new DomainError('not_stuck', 409, 'This order does not wait for a person.');
  return event;
}

/** What customers do; all else is done by the shop by itself, or by somebody of the staff, who is named in it. */
const byCustomer: ReadonlySet<OrderEvent['type']> = new Set(['placed', 'challenge_answered']);

function toTrail({ version, type, data, atMs }: RecordedEvent): OrderTrail['items'][number] {
  const {
    paymentToken: _token,
    challengeToken: _challenge,
    email: _email,
    by: name,
    ...rest
  } = data as Record<string, unknown>;
  const by = typeof name === 'string' ? name : null;
  const actor = by !== null ? 'staff' : byCustomer.has(type) ? 'customer' : 'shop';
  return { version, type, at: new Date(atMs).toISOString(), actor, by, data: rest };
}
