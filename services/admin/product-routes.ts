import type { Kysely } from 'kysely';
import { newMediaSchema, newPriceSchema, productParamsSchema, productSchema } from '#services/catalog/contract';
import type { Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { audited } from './audit.ts';
import { actorHeader } from './contract.ts';
import type { AdminTables } from './schema.ts';

export type ProductDeps = { db: Kysely<AdminTables>; now: () => number; catalog: Client };

const tags = ['products'];
const refusals = { 400: problemSchema, 401: problemSchema, 404: problemSchema, 502: problemSchema, 504: problemSchema };

/** Adds what the staff change of a product. */
export function addProducts(app: Server, deps: ProductDeps): void {
  const common = { params: productParamsSchema, headers: actorHeader, response: { 200: productSchema, ...refusals } };
  const put = async (
    what: 'price' | 'media',
    { id, actor, body }: { id: string; actor: string; body: Record<string, unknown> },
  ) => {
    const deed = { actor, action: `${what}.set`, target: id, details: body };
    const path = `/products/${encodeURIComponent(id)}/${what}`;
    return passOn('catalog', await audited(deps, deed, () => deps.catalog.put(path, { body })), productSchema);
  };
  const price = { ...common, body: newPriceSchema };
  app.put(
    '/admin/products/:id/price',
    { schema: { summary: 'Sets a price', tags, ...price } },
    ({ params: { id }, headers, body }) => put('price', { id, actor: headers['x-actor'], body }),
  );
  const media = { ...common, body: newMediaSchema };
  app.put(
    '/admin/products/:id/media',
    { schema: { summary: 'Sets the pictures', tags, ...media } },
    ({ params: { id }, headers, body }) => put('media', { id, actor: headers['x-actor'], body }),
  );
}
