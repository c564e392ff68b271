import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import {
  type Order,
  orderListSchema,
  orderSchema,
  orderStatusSchema,
  orderTrailSchema,
  resolutionSchema,
} from '#services/orders/contract';
import { audited } from './audit.ts';
import { actorHeader } from './contract.ts';
import type { AdminTables } from './schema.ts';

export type OrderDeps = { db: Kysely<AdminTables>; now: () => number; orders: Client };

const tags = ['orders'];
const params = z.object({ id: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }) });
const refusals = { 400: problemSchema, 401: problemSchema, 404: problemSchema, 502: problemSchema, 504: problemSchema };

/** Adds what the staff see of orders and do about them; it stands behind the staff token like all of `/admin/`. */
export function addOrders(app: Server, deps: OrderDeps): void {
  const { orders } = deps;
  const list = {
    querystring: z.object({
      status: orderStatusSchema.optional().meta({ example: 'needs_human' }),
      limit: z.coerce.number().int().min(1).max(200).default(50).meta({ example: 50 }),
    }),
    response: { 200: orderListSchema, ...refusals },
  };
  app.get('/admin/orders', { schema: { summary: 'The newest orders', tags, ...list } }, async ({ query }) => {
    const status = query.status === undefined ? '' : `&status=${query.status}`;
    return passOn('orders', await orders.get(`/orders?limit=${query.limit}${status}`), orderListSchema);
  });
  const one = { params, response: { 200: orderSchema, ...refusals } };
  app.get('/admin/orders/:id', { schema: { summary: 'An order', tags, ...one } }, async (request) =>
    passOn('orders', await orders.get(`/orders/${request.params.id}`), orderSchema),
  );
  const trail = { params, response: { 200: orderTrailSchema, ...refusals } };
  app.get(
    '/admin/orders/:id/events',
    { schema: { summary: 'What happened to an order, and by whom', tags, ...trail } },
    async (request) => passOn('orders', await orders.get(`/orders/${request.params.id}/events`), orderTrailSchema),
  );
  addDeeds(app, deps);
}

function addDeeds(app: Server, deps: OrderDeps): void {
  const act = async (verb: string, id: string, actor: string, details: Record<string, unknown>): Promise<Order> => {
    const deed = { actor, action: `order.${verb}`, target: id, details };
    const call = { body: { ...details, by: actor } };
    return passOn(
      'orders',
      await audited(deps, deed, () => deps.orders.post(`/orders/${id}/${verb}`, call)),
      orderSchema,
    );
  };
  const common = { params, headers: actorHeader, response: { 200: orderSchema, 409: problemSchema, ...refusals } };
  app.post(
    '/admin/orders/:id/retry',
    { schema: { summary: 'Has a stuck order go on', tags, ...common } },
    async ({ params: { id }, headers }) => act('retry', id, headers['x-actor'], {}),
  );
  const body = resolutionSchema.omit({ by: true }).meta({ id: 'StaffResolution' });
  app.post(
    '/admin/orders/:id/resolve',
    { schema: { summary: 'Has a stuck order go on after what was done by hand', tags, ...common, body } },
    async ({ params: { id }, headers, body: details }) => act('resolve', id, headers['x-actor'], details),
  );
}
