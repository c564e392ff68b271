import type { Kysely } from 'kysely';
import { z } from 'zod';
import {
  newSaleSchema,
  productParamsSchema,
  saleListSchema,
  saleParamsSchema,
  saleSchema,
} from '#services/catalog/contract';
import type { Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { audited } from './audit.ts';
import { actorHeader } from './contract.ts';
import type { AdminTables } from './schema.ts';

export type SaleDeps = { db: Kysely<AdminTables>; now: () => number; catalog: Client };

const tags = ['sales'];
const refusals = { 400: problemSchema, 401: problemSchema, 502: problemSchema, 504: problemSchema };

/** Adds what the staff do about prices that are valid for a time. */
export function addSales(app: Server, deps: SaleDeps): void {
  const { catalog } = deps;
  const path = (id: string): string => `/products/${encodeURIComponent(id)}/sales`;
  const list = { params: productParamsSchema, response: { 200: saleListSchema, ...refusals } };
  app.get('/admin/products/:id/sales', { schema: { summary: "A product's sales", tags, ...list } }, async (request) =>
    passOn('catalog', await catalog.get(path(request.params.id)), saleListSchema),
  );
  const schedule = {
    params: productParamsSchema,
    headers: actorHeader,
    body: newSaleSchema,
    response: { 201: saleSchema, 404: problemSchema, 409: problemSchema, ...refusals },
  };
  app.post(
    '/admin/products/:id/sales',
    { schema: { summary: 'Schedules a sale', tags, ...schedule } },
    async ({ params, headers, body }, reply) => {
      const deed = { actor: headers['x-actor'], action: 'sale.schedule', target: params.id, details: body };
      const answer = await audited(deps, deed, () => catalog.post(path(params.id), { body }));
      return reply.code(201).send(passOn('catalog', answer, saleSchema));
    },
  );
  const cancel = {
    params: saleParamsSchema,
    headers: actorHeader,
    response: { 204: z.null(), 409: problemSchema, ...refusals },
  };
  app.delete(
    '/admin/products/:id/sales/:saleId',
    { schema: { summary: 'Takes back a sale that has not begun', tags, ...cancel } },
    async ({ params: { id, saleId }, headers }, reply) => {
      const deed = { actor: headers['x-actor'], action: 'sale.cancel', target: id, details: { saleId } };
      const answer = await audited(deps, deed, () => catalog.delete(`${path(id)}/${saleId}`));
      if (answer.status !== 204) passOn('catalog', answer, z.never());
      return reply.code(204).send(null);
    },
  );
}
