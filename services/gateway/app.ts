import { z } from 'zod';
import { cartSchema, putItemSchema } from '#services/cart/contract';
import { productListSchema, productQuerySchema, productSchema } from '#services/catalog/contract';
import { stockSchema } from '#services/inventory/contract';
import type { Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { orderChallengeSchema, orderSchema, shortageProblemSchema } from '#services/orders/contract';
import { addAccount } from './account.ts';
import { failures, keySchema, productKey } from './answers.ts';
import { enforceApiScopes } from './api-scopes.ts';
import { refuseCards } from './cards.ts';
import { challengeFor } from './challenge.ts';
import { checkoutBodySchema, checkoutHeadersSchema, sessionSchema } from './contract.ts';
import { addDiscovery } from './discovery.ts';
import { registerEntityTags } from './etag.ts';
import { addOauth, isOauthRoute } from './oauth.ts';
import { isSharedRoute, type ResponseCache } from './response-cache.ts';
import { callerOf, scopeOf } from './scope.ts';
import type { Sessions } from './session.ts';
import { registerShedding } from './shed.ts';
import { registerVersions, type Versions } from './versions.ts';

type Peer =
  | 'users'
  | 'catalog'
  | 'cart'
  | 'orders'
  | 'inventory'
  | 'search'
  | 'reviews'
  | 'recommendations'
  | 'notifications';

export type GatewayOptions = {
  peers: Record<Peer, Client>;
  sessions: Sessions;
  responses: ResponseCache;
  versions: Versions;
};

/** Longest wait for a checkout, in milliseconds: orders gives up and undoes a little earlier. */
const checkoutTimeoutMs = 6_000;

/** Longest wait for any other answer, in milliseconds. */
export const readTimeoutMs = 1_500;

const badRequest = { 400: problemSchema };
const unauthorised = { 401: problemSchema };
const skuParams = z.object({ sku: keySchema.meta({ example: 'BW-0041-BLK-M' }) });

/** Adds the public API. */
export function addRoutes(app: Server, options: GatewayOptions): void {
  registerShedding(app);
  refuseCards(app);
  app.addHook('onSend', async (request, reply, payload) => {
    const { statusCode } = reply;
    if (isOauthRoute(request.routeOptions.url) || (statusCode !== 401 && statusCode !== 403)) return;
    const challenge = challengeFor(payload);
    if (challenge !== null) reply.header('www-authenticate', challenge);
  });
  registerVersions(app, options.versions);
  enforceApiScopes(app, options.sessions);
  registerEntityTags(app, isSharedRoute);
  addBrowsing(app, options);
  addDiscovery(app, options);
  addAccount(app, options);
  addCart(app, options);
  addCheckout(app, options);
  addOauth(app, options);
}

function addBrowsing(app: Server, { peers, sessions, responses }: GatewayOptions): void {
  const list = { querystring: productQuerySchema, response: { 200: productListSchema, ...badRequest, ...failures } };
  app.get('/api/products', { schema: { summary: 'Products', tags: ['browse'], ...list } }, async (request) => {
    const { category, ids, limit, offset } = request.query;
    const query = new URLSearchParams({
      ...{ limit: String(limit), offset: String(offset) },
      ...(category && { category }),
      ...(ids && { ids: ids.join(',') }),
    });
    await callerOf(request, sessions);
    const path = `/products?${query}`;
    return responses.get('catalog', path, async () =>
      passOn('catalog', await peers.catalog.get(path), productListSchema),
    );
  });

  const params = z.object({ id: productKey });
  const detail = { params, response: { 200: productSchema, 404: problemSchema, ...failures } };
  app.get('/api/products/:id', { schema: { summary: 'A product', tags: ['browse'], ...detail } }, async (request) => {
    const caller = await callerOf(request, sessions);
    const path = `/products/${encodeURIComponent(request.params.id)}`;
    return passOn('catalog', await peers.catalog.get(path, { caller }), productSchema);
  });

  const stock = { params: skuParams, response: { 200: stockSchema, 404: problemSchema, ...failures } };
  app.get('/api/stock/:sku', { schema: { summary: 'What is left', tags: ['browse'], ...stock } }, async (request) => {
    const caller = await callerOf(request, sessions);
    const path = `/stock/${encodeURIComponent(request.params.sku)}`;
    return passOn('inventory', await peers.inventory.get(path, { caller }), stockSchema);
  });
}

function addCart(app: Server, { peers, sessions }: GatewayOptions): void {
  const session = { response: { 201: sessionSchema } };
  app.post(
    '/api/session',
    { schema: { summary: 'A token for a new guest', tags: ['cart'], ...session } },
    async (_request, reply) => reply.code(201).send(await sessions.issue()),
  );

  const response = { 200: cartSchema, ...unauthorised, ...failures };
  app.get('/api/cart', { schema: { summary: 'The cart', tags: ['cart'], response } }, async (request) => {
    const { cartId, caller } = await scopeOf(request, sessions);
    return passOn('cart', await peers.cart.get(`/carts/${cartId}`, { caller }), cartSchema);
  });

  const put = { body: putItemSchema, response: { ...response, ...badRequest, 404: problemSchema, 409: problemSchema } };
  const putSummary = 'Sets the quantity of an article in the cart';
  app.post('/api/cart/items', { schema: { summary: putSummary, tags: ['cart'], ...put } }, async (request) => {
    const { cartId, caller } = await scopeOf(request, sessions);
    // Setting a quantity twice is setting it once.
    const call = { caller, body: request.body, idempotent: true };
    return passOn('cart', await peers.cart.post(`/carts/${cartId}/items`, call), cartSchema);
  });

  const remove = { params: skuParams, response: { ...response, ...badRequest } };
  app.delete(
    '/api/cart/items/:sku',
    { schema: { summary: 'Takes an article out of the cart', tags: ['cart'], ...remove } },
    async (request) => {
      const { cartId, caller } = await scopeOf(request, sessions);
      const path = `/carts/${cartId}/items/${encodeURIComponent(request.params.sku)}`;
      return passOn('cart', await peers.cart.delete(path, { caller }), cartSchema);
    },
  );
}

function addChallenge(app: Server, { peers, sessions }: Pick<GatewayOptions, 'peers' | 'sessions'>): void {
  const challenge = {
    params: z.object({ id: keySchema.meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' }) }),
    body: orderChallengeSchema,
    response: {
      ...{ 200: orderSchema, 402: problemSchema, 404: problemSchema, 409: problemSchema },
      ...badRequest,
      ...unauthorised,
      ...failures,
    },
  };
  const summary = 'What the customer says to the question of their bank';
  const schema = { summary, tags: ['checkout'], ...challenge };
  app.post('/api/orders/:id/challenge', { schema }, async (request) => {
    const { caller } = await scopeOf(request, sessions);
    const path = `/orders/${encodeURIComponent(request.params.id)}/challenge`;
    const options = { caller, body: request.body, timeoutMs: checkoutTimeoutMs, idempotent: true };
    return passOn('orders', await peers.orders.post(path, options), orderSchema);
  });
}

function addCheckout(app: Server, { peers, sessions }: GatewayOptions): void {
  const checkout = {
    headers: checkoutHeadersSchema,
    body: checkoutBodySchema,
    response: {
      201: orderSchema,
      202: orderSchema,
      402: problemSchema,
      409: z.union([shortageProblemSchema, problemSchema]),
      ...badRequest,
      ...unauthorised,
      ...failures,
    },
  };
  const summary = 'Buys what is in the cart; the same idempotency key gets the same answer and one charge';
  app.post('/api/checkout', { schema: { summary, tags: ['checkout'], ...checkout } }, async (request, reply) => {
    const { cartId, caller } = await scopeOf(request, sessions);
    const answer = await peers.orders.post('/checkouts', {
      caller,
      headers: { 'idempotency-key': request.headers['idempotency-key'] },
      body: { cartId, ...request.body },
      timeoutMs: checkoutTimeoutMs,
    });
    const order = passOn('orders', answer, orderSchema);
    return reply.code(order.status === 'payment_challenged' ? 202 : 201).send(order);
  });
  addChallenge(app, { peers, sessions });

  const read = {
    params: z.object({ id: keySchema.meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' }) }),
    response: { 200: orderSchema, 404: problemSchema, ...badRequest, ...unauthorised, ...failures },
  };
  app.get('/api/orders/:id', { schema: { summary: 'An order', tags: ['checkout'], ...read } }, async (request) => {
    const { caller } = await scopeOf(request, sessions);
    const path = `/orders/${encodeURIComponent(request.params.id)}`;
    return passOn('orders', await peers.orders.get(path, { caller }), orderSchema);
  });
}
