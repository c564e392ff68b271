import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import type { ApiScope } from '#services/users/contract';
import { isClientToken } from './client-tokens.ts';
import { identityOf } from './scope.ts';
import { readBearer, type Sessions } from './session.ts';

/** What a third party needs for a route. What is not in the table no third party may do, whatever it was granted. */
const scopeByRoute: Record<string, ApiScope> = {
  'GET /api/products': 'catalog:read',
  'GET /api/products/:id': 'catalog:read',
  'GET /api/products/:id/reviews': 'catalog:read',
  'GET /api/products/:id/recommendations': 'catalog:read',
  'GET /api/search': 'catalog:read',
  'GET /api/stock/:sku': 'catalog:read',
  'GET /api/cart': 'cart:write',
  'POST /api/cart/items': 'cart:write',
  'DELETE /api/cart/items/:sku': 'cart:write',
  'GET /api/orders/:id': 'orders:read',
  'GET /api/account/orders': 'orders:read',
};

/**
 * Refuses what a third party was not allowed (403 `insufficient_scope`, RFC 6750), and its tokens that are not good (401)
 * on every route, before anything is done. People's own tokens are left to the routes.
 */
export function enforceApiScopes(app: Server, sessions: Sessions): void {
  app.addHook('preValidation', async (request) => {
    const route = request.routeOptions.url;
    const token = readBearer(request.headers.authorization);
    if (token === undefined || route?.startsWith('/api/') !== true || !isClientToken(token)) return;
    const { client } = await identityOf(request, sessions);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const scope = scopeByRoute[`${method} ${route}`];
    if (scope !== undefined && client?.scopes.includes(scope)) return;
    const needed = scope === undefined ? {} : { scope };
    const message = scope === undefined ? 'No third party may do this.' : `The token does not allow ${scope}.`;
    throw new DomainError('insufficient_scope', 403, message, needed);
  });
}
