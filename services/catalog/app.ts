import type { IncomingHttpHeaders } from 'node:http';
import type { Kysely } from 'kysely';
import type { Logger } from '#process/logger';
import { readCaller } from '#services/kit/caller';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Reader } from '#services/kit/replica/reader';
import type { Server } from '#services/kit/server';
import { readChanges } from './changes.ts';
import {
  changesQuerySchema,
  changesSchema,
  newMediaSchema,
  newPriceSchema,
  type Product,
  productListSchema,
  productParamsSchema,
  productQuerySchema,
  productSchema,
  variantParamsSchema,
  variantSchema,
} from './contract.ts';
import { changeMedia } from './media.ts';
import { addSales } from './sale-routes.ts';
import { changePrice } from './sales.ts';
import type { CatalogTables } from './schema.ts';
import type { CatalogStore } from './store.ts';

export type CatalogOptions = {
  store: CatalogStore;
  db: Kysely<CatalogTables>;
  now: () => number;
  logger: Logger;
  /** Past any cache, for who asks with `cache-control: no-cache` (RFC 9111, section 5.2.1.4) or after a write. */
  fresh: CatalogStore;
  reader: Reader<CatalogTables>;
  /** Called after each change, so that nobody here is shown what was before, and its event is relayed at once. */
  changed: (product: Product) => Promise<void>;
  /** Called when a sale was scheduled, which may begin at once. */
  salesChanged: () => void;
};

/** Adds catalog's routes. */
export function addRoutes(app: Server, options: CatalogOptions): void {
  const { now, logger, reader } = options;
  const storeFor = (headers: IncomingHttpHeaders): CatalogStore =>
    headers['cache-control']?.includes('no-cache') === true || reader.isAsked() ? options.fresh : options.store;
  addChanges(app, options);
  addSales(app, options);
  const list = { querystring: productQuerySchema, response: { 200: productListSchema, 400: problemSchema } };
  app.get(
    '/products',
    { schema: { summary: 'Products, newest assortment order', tags: ['products'], ...list } },
    async (request) => storeFor(request.headers).list(request.query),
  );

  const detail = { params: productParamsSchema, response: { 200: productSchema, 404: problemSchema } };
  app.get(
    '/products/:id',
    { schema: { summary: 'A product with its variants; counts as a view', tags: ['products'], ...detail } },
    async (request) => {
      const store = storeFor(request.headers);
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
      const found = await storeFor(request.headers).findVariant(request.params.sku);
      if (found === null) throw notFound('unknown_sku', `There is no article ${request.params.sku}.`);
      return found;
    },
  );
}

/** What other services ask: what has changed, and what they change. */
function addChanges(app: Server, options: CatalogOptions): void {
  const { db, now } = options;
  const feed = { querystring: changesQuerySchema, response: { 200: changesSchema, 400: problemSchema } };
  app.get(
    '/changes',
    { schema: { summary: 'The change feed: products in the order of their last change', tags: ['changes'], ...feed } },
    async (request) => readChanges(db, request.query),
  );
  const change = {
    params: productParamsSchema,
    response: { 200: productSchema, 400: problemSchema, 404: problemSchema },
  };
  const tell = async (id: string, product: Product | null): Promise<Product> => {
    if (product === null) throw notFound('product_not_found', `There is no product ${id}.`);
    await options.changed(product);
    return product;
  };
  const price = { ...change, body: newPriceSchema };
  app.put(
    '/products/:id/price',
    { schema: { summary: 'Sets the regular price of a product and its variants', tags: ['changes'], ...price } },
    async ({ params: { id }, body }) => tell(id, await changePrice(db, { productId: id, ...body, nowMs: now() })),
  );
  const media = { ...change, body: newMediaSchema };
  app.put(
    '/products/:id/media',
    { schema: { summary: 'Sets the pictures of a product', tags: ['changes'], ...media } },
    async ({ params: { id }, body }) => tell(id, await changeMedia(db, { productId: id, ...body, nowMs: now() })),
  );
}

function notFound(code: string, message: string): DomainError {
  return new DomainError(code, 404, message);
}
