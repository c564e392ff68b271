import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import type { Logger } from '#process/logger';
import { createLink } from '#services/kit/cache/link';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { createRateLimitStore } from './rate-limit-store.ts';
import { identityOf } from './scope.ts';
import type { Sessions } from './session.ts';

/** What is counted apart: a client that looks at everything must still be able to pay. */
export type RouteClass = 'browse' | 'cart' | 'checkout' | 'account';

/** Requests a minute, of a client that has a session or an account, and of an address for who has neither. */
export type RateLimits = { client: Record<RouteClass, number>; address: Record<RouteClass, number> };

export type RateLimitOptions = {
  limits: RateLimits;
  sessions: Sessions;
  /** Instances of the gateway that share a Redis count together; otherwise, and while it is away, each by itself. */
  redisUrl?: string | undefined;
  logger: Logger;
};

const windowMs = 60_000;

/** Longest wait for Redis in a request; after three such waits nobody waits for a second. */
const redisPatience = { timeoutMs: 30, restMs: 1_000 };

/** What a route counts as. Guests' sessions and sign-in are the account's: they are what somebody who guesses asks for. */
export function classOf(route: string | undefined): RouteClass {
  if (route === undefined) return 'browse';
  if (route === '/api/checkout') return 'checkout';
  if (route.startsWith('/api/cart') || route.startsWith('/api/orders')) return 'cart';
  const ofAccounts = ['/api/session', '/api/sign-', '/api/register', '/api/refresh', '/api/account', '/oauth/'];
  return ofAccounts.some((prefix) => route.startsWith(prefix)) ? 'account' : 'browse';
}

/**
 * Limits how often a client may ask: 429 `rate_limited` with `Retry-After` and the `RateLimit-*` fields (IETF draft
 * "RateLimit header fields for HTTP"). A token that is not valid makes nobody a client: its address counts. Has to be
 * called before the routes are added.
 */
export async function registerRateLimits(app: Server, options: RateLimitOptions): Promise<void> {
  const { limits, sessions, redisUrl, logger } = options;
  const link =
    redisUrl === undefined ? undefined : createLink({ url: redisUrl, name: 'gateway-rate', logger, ...redisPatience });
  await app.register(rateLimit, {
    store: createRateLimitStore({ link, maxClients: 50_000, now: () => performance.now() }),
    // Being limited too little is better than a shop that is closed.
    skipOnError: true,
    timeWindow: windowMs,
    enableDraftSpec: true,
    keyGenerator: (request) => keyOf(request, sessions),
    max: (request, key) => limits[key.includes(' client ') ? 'client' : 'address'][classOf(request.routeOptions.url)],
    errorResponseBuilder: (_request, { max, ttl }) => {
      const retryAfterSeconds = Math.max(1, Math.ceil(ttl / 1_000));
      return new DomainError('rate_limited', 429, `More than ${max} requests a minute.`, { retryAfterSeconds });
    },
  });
  app.addHook('onClose', async () => link?.stop());
}

async function keyOf(request: FastifyRequest, sessions: Sessions): Promise<string> {
  const routeClass = classOf(request.routeOptions.url);
  const { authorization } = request.headers;
  const identity = authorization === undefined ? null : await identityOf(request, sessions).catch(() => null);
  if (identity === null) return `${routeClass} address ${request.ip}`;
  // All tokens of a third party in its own name are one client: a new token is no new share.
  const { client, userId, sessionId } = identity;
  const thirdParty = client === null ? [] : [client.clientId];
  return [routeClass, 'client', ...thirdParty, userId ?? (client === null ? sessionId : '')].join(' ').trim();
}
