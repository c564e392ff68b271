import type { Logger } from '#process/logger';
import { readCaller } from '#services/kit/caller';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import {
  productListSchema,
  productParamsSchema,
  productQuerySchema,
  productSchema,
  variantParamsSchema,
  variantSchema,
} from './contract.ts';
import type { CatalogStore } from './store.ts';

export type CatalogOptions = { store: CatalogStore; now: () => number; logger: Logger };

/** Adds catalog's routes. */
export function addRoutes(app: Server, { store, now, logger }: CatalogOptions): void {
  const list = { querystring: productQuerySchema, response: { 200: productListSchema, 400: problemSchema } };
  app.get(
    '/products',
    { schema: { summary: 'Products, newest assortment order', tags: ['products'], ...list } },
    async (request) => store.list(request.query),
  );

  const detail = { params: productParamsSchema, response: { 200: productSchema, 404: problemSchema } };
  app.get(
    '/products/:id',
    { schema: { summary: 'A product with its variants; counts as a view', tags: ['products'], ...detail } },
    async (request) => {
      const product = await store.find(request.params.id);
      if (product === null) throw notFound('product_not_found', `There is no product ${request.params.id}.`);
      // The customer gets the page even when the view cannot be counted.
      await store
        .noteView(product, readCaller(request.headers), now())
        .catch((error: unknown) => logger.warn({ err: error }, 'view not counted'));
      return product;
    },
  );

  const variant = { params: variantParamsSchema, response: { 200: variantSchema, 404: problemSchema } };
  app.get(
    '/variants/:sku',
    { schema: { summary: 'One variant by SKU', tags: ['variants'], ...variant } },
    async (request) => {
      const found = await store.findVariant(request.params.sku);
      if (found === null) throw notFound('unknown_sku', `There is no article ${request.params.sku}.`);
      return found;
    },
  );
}

function notFound(code: string, message: string): DomainError {
  return new DomainError(code, 404, message);
}
