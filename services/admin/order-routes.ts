import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { staffRoutes } from '#services/orders/contract';
import { audited } from './audit.ts';
import { actorHeader } from './contract.ts';
import type { AdminTables } from './schema.ts';

export type OrderDeps = { db: Kysely<AdminTables>; now: () => number; orders: Client };

type Response = Record<number, z.ZodType>;
type Route = {
  path: string;
  schema: { summary: string; params?: z.ZodObject; querystring?: z.ZodObject; body?: z.ZodObject; response: Response };
};

const prefix = '/admin';
const tags = ['orders'];
const behind = { 401: problemSchema, 502: problemSchema, 504: problemSchema };

/** Adds what the staff see of orders and do about them; it stands behind the staff token like all of `/admin/`. */
export function addOrders(app: Server, deps: OrderDeps): void {
  const { search, read, readTrail, readRebuild, retry, resolve, refund, rebuild } = staffRoutes;
  for (const route of [search, read, readTrail, readRebuild]) passReading(app, deps, route);
  passDeed(app, deps, { action: 'order.retry', method: 'post', route: retry });
  passDeed(app, deps, { action: 'order.resolve', method: 'post', route: resolve });
  passDeed(app, deps, { action: 'order.refund', method: 'put', route: refund });
  passDeed(app, deps, { action: 'orders.rebuild', method: 'post', route: rebuild });
}

/** Passes a reading through as it is. */
function passReading(app: Server, { orders }: OrderDeps, { path, schema }: Route): void {
  const response: Response = { ...schema.response, ...behind };
  app.get(`${prefix}${path}`, { schema: { ...schema, tags, response } }, async ({ url }) =>
    passOn('orders', await orders.get(url.slice(prefix.length)), answerOf(schema)),
  );
}

/** Passes a deed through in the name of who does it, and writes it down. */
function passDeed(
  app: Server,
  deps: OrderDeps,
  { action, method, route: { path, schema } }: { action: string; method: 'post' | 'put'; route: Route },
): void {
  const { body, ...rest } = schema;
  const left = body?.omit({ by: true });
  const asked = left === undefined || Object.keys(left.shape).length === 0 ? {} : { body: left.meta(idOf(schema)) };
  const options = { ...rest, ...asked, tags, headers: actorHeader };
  const response: Response = { ...schema.response, ...behind };
  app[method](`${prefix}${path}`, { schema: { ...options, response } }, async (request, reply) => {
    const actor = request.headers['x-actor'];
    const given = request.body as Record<string, unknown> | undefined;
    const { id: target = 'orders', ...named } = (request.params ?? {}) as Record<string, string>;
    const deed = { actor, action, target, details: { ...given, ...named } };
    const ask = () => deps.orders[method](request.url.slice(prefix.length), { body: { ...given, by: actor } });
    const answer = await audited(deps, deed, ask);
    const passed = passOn('orders', answer, answerOf(schema));
    return reply.code(answer.status).send(passed);
  });
}

function answerOf({ response }: Route['schema']): z.ZodType {
  return response[200] ?? response[202] ?? z.never();
}

/** Without who does it, it is another schema. */
function idOf({ body }: Route['schema']): { id: string } {
  return { id: `Staff${body?.meta()?.id}` };
}
