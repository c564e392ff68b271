import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { stockCountSchema, stockSchema } from '#services/inventory/contract';
import type { Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { reviewSchema } from '#services/reviews/contract';
import { audited, readAudit } from './audit.ts';
import { actorHeader, auditSchema, verdictSchema } from './contract.ts';
import { addFlags } from './flag-routes.ts';
import { addOrders } from './order-routes.ts';
import { addProducts } from './product-routes.ts';
import { addSales } from './sale-routes.ts';
import type { AdminTables } from './schema.ts';

export type AdminOptions = {
  db: Kysely<AdminTables>;
  now: () => number;
  token: string;
  /** Null: flags are not in a file of this installation. */
  flagsFile: string | null;
  peers: { catalog: Client; inventory: Client; orders: Client; reviews: Client };
};

const key = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'expected 1 to 64 printable characters');
const refusals = { 400: problemSchema, 401: problemSchema, 404: problemSchema, 502: problemSchema, 504: problemSchema };

/** Adds the routes of admin. */
export function addRoutes(app: Server, options: AdminOptions): void {
  requireToken(app, options.token);
  addReading(app, options);
  addDeeds(app, options);
  addOrders(app, { ...options, orders: options.peers.orders });
  addProducts(app, { ...options, catalog: options.peers.catalog });
  addSales(app, { ...options, catalog: options.peers.catalog });
  addFlags(app, { ...options, file: options.flagsFile });
}

/** Health and metrics are not of the back office. */
function requireToken(app: Server, token: string): void {
  app.addHook('preValidation', async (request) => {
    if (!request.routeOptions.url?.startsWith('/admin/') || isStaff(request, token)) return;
    throw new DomainError('staff_only', 401, 'A staff token is needed.');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === 401) reply.header('www-authenticate', 'Bearer realm="back office"');
  });
}

/** Compared as hashes: the time that it takes tells nothing. */
function isStaff(request: FastifyRequest, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [one, other] = [given, token].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

function addReading(app: Server, { db, peers }: AdminOptions): void {
  const tags = ['reading'];
  const audit = {
    querystring: z.object({
      target: key.optional().meta({ example: 'BW-0041' }),
      limit: z.coerce.number().int().min(1).max(200).default(50).meta({ example: 50 }),
    }),
    response: { 200: auditSchema, 400: problemSchema, 401: problemSchema },
  };
  app.get('/admin/audit', { schema: { summary: 'Who did what, newest first', tags, ...audit } }, async (request) => ({
    items: await readAudit(db, request.query),
  }));
  const pendingSchema = z.object({ items: z.array(reviewSchema) });
  const pending = { response: { 200: pendingSchema, 401: problemSchema, 502: problemSchema, 504: problemSchema } };
  app.get('/admin/reviews', { schema: { summary: 'Reviews that wait for a person', tags, ...pending } }, async () =>
    passOn('reviews', await peers.reviews.get('/reviews/pending'), pendingSchema),
  );
}

function addDeeds(app: Server, options: AdminOptions): void {
  const { peers } = options;
  const tags = ['deeds'];
  const stock = {
    params: z.object({ sku: key.meta({ example: 'BW-0041-BLK-M' }) }),
    headers: actorHeader,
    body: stockCountSchema,
    response: { 200: stockSchema, 409: problemSchema, ...refusals },
  };
  app.put(
    '/admin/stock/:sku',
    { schema: { summary: 'Corrects what is on the shelf', tags, ...stock } },
    async (request) => {
      const { params, headers, body } = request;
      const deed = { actor: headers['x-actor'], action: 'stock.set', target: params.sku, details: body };
      const path = `/stock/${encodeURIComponent(params.sku)}`;
      return passOn('inventory', await audited(options, deed, () => peers.inventory.put(path, { body })), stockSchema);
    },
  );
  const verdict = {
    params: z.object({ id: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }) }),
    headers: actorHeader,
    body: verdictSchema,
    response: { 200: reviewSchema, 409: problemSchema, ...refusals },
  };
  app.post(
    '/admin/reviews/:id',
    { schema: { summary: 'Decides about a review', tags, ...verdict } },
    async (request) => {
      const { params, headers, body } = request;
      const actor = headers['x-actor'];
      const deed = { actor, action: `review.${body.decision}`, target: params.id, details: {} };
      const call = { body: { decision: body.decision, by: actor } };
      const path = `/reviews/${params.id}/decision`;
      return passOn('reviews', await audited(options, deed, () => peers.reviews.post(path, call)), reviewSchema);
    },
  );
}
