import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Answer, Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import {
  type Order,
  orderListSchema,
  orderSchema,
  orderStatusSchema,
  orderTrailSchema,
  refundSchema,
  resolutionSchema,
} from '#services/orders/contract';
import { audited, type Deed } from './audit.ts';
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
  const { orders } = deps;
  const act = async (deed: Deed, ask: (body: object) => Promise<Answer>): Promise<Order> =>
    passOn('orders', await audited(deps, deed, () => ask({ ...deed.details, by: deed.actor })), orderSchema);
  const common = { params, headers: actorHeader, response: { 200: orderSchema, 409: problemSchema, ...refusals } };
  app.post(
    '/admin/orders/:id/retry',
    { schema: { summary: 'Has a stuck order go on', tags, ...common } },
    async ({ params: { id }, headers }) =>
      act({ actor: headers['x-actor'], action: 'order.retry', target: id, details: {} }, (body) =>
        orders.post(`/orders/${id}/retry`, { body }),
      ),
  );
  const body = resolutionSchema.omit({ by: true }).meta({ id: 'StaffResolution' });
  app.post(
    '/admin/orders/:id/resolve',
    { schema: { summary: 'Has a stuck order go on after what was done by hand', tags, ...common, body } },
    async ({ params: { id }, headers, body: details }) =>
      act({ actor: headers['x-actor'], action: 'order.resolve', target: id, details }, (asked) =>
        orders.post(`/orders/${id}/resolve`, { body: asked }),
      ),
  );
  const refund = {
    ...common,
    params: params.extend({ refundId: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c12' }) }),
    body: refundSchema.omit({ by: true }).meta({ id: 'StaffRefund' }),
    response: { ...common.response, 422: problemSchema },
  };
  app.put(
    '/admin/orders/:id/refunds/:refundId',
    { schema: { summary: 'Gives money of a confirmed order back, once under its id', tags, ...refund } },
    async ({ params: { id, refundId }, headers, body: details }) =>
      act({ actor: headers['x-actor'], action: 'order.refund', target: id, details: { ...details, refundId } }, () =>
        orders.put(`/orders/${id}/refunds/${refundId}`, { body: { ...details, by: headers['x-actor'] } }),
      ),
  );
}
