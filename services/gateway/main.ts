import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { runService } from '#services/kit/run';
import { createServer } from '#services/kit/server';
import { addRoutes, readTimeoutMs } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { createSessions } from './session.ts';
import { followUserKeys } from './user-tokens.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const logger = createLogger(manifest.name);
  const server = await createServer({
    ...manifest,
    logger,
    registry: createRegistry(manifest.name),
    // It can answer, if only with a problem, while the services behind it are away.
    readiness: () => ({ ready: true }),
    chaos: env.chaos,
  });
  const client = (peer: string, baseUrl: string) => createClient({ peer, baseUrl, timeoutMs: readTimeoutMs });
  addRoutes(server, {
    peers: {
      users: client('users', env.USERS_URL),
      catalog: client('catalog', env.CATALOG_URL),
      cart: client('cart', env.CART_URL),
      orders: client('orders', env.ORDERS_URL),
      inventory: client('inventory', env.INVENTORY_URL),
      search: client('search', env.SEARCH_URL),
      reviews: client('reviews', env.REVIEWS_URL),
      recommendations: client('recommendations', env.RECOMMENDATIONS_URL),
    },
    sessions: createSessions({ secret: env.SESSION_SECRET, userKeys: followUserKeys(env.USERS_URL), now: Date.now }),
  });
  await runService({ server, env, logger });
});
