import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createCache } from '#services/kit/cache/cache';
import { type Client, createClient } from '#services/kit/fetch';
import { runService } from '#services/kit/run';
import { createStatelessServer } from '#services/kit/service';
import type { ServiceName } from '#services/topology';
import { addRoutes, readTimeoutMs } from './app.ts';
import { createClientTokens } from './client-tokens.ts';
import { readEnv, toRateLimits } from './env.ts';
import { manifest } from './manifest.ts';
import { registerRateLimits } from './rate-limits.ts';
import { createResponseCache } from './response-cache.ts';
import { createSessions } from './session.ts';
import { followUserKeys } from './user-tokens.ts';
import { createVersionedClient, createVersions, stable } from './versions.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const logger = createLogger(manifest.name);
  const server = await createStatelessServer({ manifest, env, logger });
  const versions = createVersions(env.versions);
  const client = (peer: ServiceName, baseUrl: string): Client => {
    const others = env.versions[peer] ?? [];
    const open = (url: string, version?: string): Client =>
      createClient({ peer, baseUrl: url, timeoutMs: readTimeoutMs, version });
    if (others.length === 0) return open(baseUrl);
    const clients = others.map(({ name, url }): [string, Client] => [name, open(url, name)]);
    return createVersionedClient(peer, { versions, clients: new Map([[stable, open(baseUrl, stable)], ...clients]) });
  };
  const users = client('users', env.USERS_URL);
  const userKeys = followUserKeys(env.USERS_URL);
  const clientTokens = createClientTokens({ keys: userKeys, users, issuer: env.OAUTH_ISSUER, now: Date.now });
  const sessions = createSessions({ secret: env.SESSION_SECRET, userKeys, clientTokens, now: Date.now });
  await registerRateLimits(server, { limits: toRateLimits(env), sessions, redisUrl: env.REDIS_URL, logger });
  const { name } = manifest;
  const cache = createCache({ name, redisUrl: env.REDIS_URL, logger, maxEntries: env.CACHE_ENTRIES, now: Date.now });
  addRoutes(server, {
    peers: {
      users,
      catalog: client('catalog', env.CATALOG_URL),
      cart: client('cart', env.CART_URL),
      orders: client('orders', env.ORDERS_URL),
      inventory: client('inventory', env.INVENTORY_URL),
      search: client('search', env.SEARCH_URL),
      reviews: client('reviews', env.REVIEWS_URL),
      recommendations: client('recommendations', env.RECOMMENDATIONS_URL),
      notifications: client('notifications', env.NOTIFICATIONS_URL),
    },
    sessions,
    responses: createResponseCache(cache, versions),
    versions,
  });
  await runService({ server, env, logger, stop: [cache.stop] });
});
