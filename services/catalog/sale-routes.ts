import { z } from 'zod';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import type { CatalogOptions } from './app.ts';
import { newSaleSchema, productParamsSchema, saleListSchema, saleParamsSchema, saleSchema } from './contract.ts';
import { cancelSale, listSales, scheduleSale } from './sales.ts';

const tags = ['sales'];

/** Adds the prices that are valid for a time. */
export function addSales(app: Server, { db, now, salesChanged }: CatalogOptions): void {
  const schedule = {
    params: productParamsSchema,
    body: newSaleSchema,
    response: { 201: saleSchema, 400: problemSchema, 404: problemSchema, 409: problemSchema },
  };
  app.post(
    '/products/:id/sales',
    { schema: { summary: 'Schedules a lower price, which begins and ends by itself', tags, ...schedule } },
    async (request, reply) => {
      const { id } = request.params;
      const sale = await scheduleSale(db, { productId: id, sale: request.body, nowMs: now() });
      if (sale === null) throw new DomainError('product_not_found', 404, `There is no product ${id}.`);
      salesChanged();
      return reply.code(201).send(sale);
    },
  );
  const list = { params: productParamsSchema, response: { 200: saleListSchema, 400: problemSchema } };
  app.get('/products/:id/sales', { schema: { summary: "A product's sales", tags, ...list } }, async (request) => ({
    items: await listSales(db, request.params.id),
  }));
  const cancel = {
    params: saleParamsSchema,
    response: { 204: z.null(), 400: problemSchema, 409: problemSchema },
  };
  app.delete(
    '/products/:id/sales/:saleId',
    { schema: { summary: 'Takes back a sale that has not begun', tags, ...cancel } },
    async (request, reply) => {
      const { id, saleId } = request.params;
      await cancelSale(db, { productId: id, saleId });
      return reply.code(204).send(null);
    },
  );
}
