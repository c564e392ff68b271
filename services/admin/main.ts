import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { openService, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { type AdminTables, migrations } from './schema.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<AdminTables>({ manifest, env, migrations });
  const client = (peer: string, baseUrl: string) => createClient({ peer, baseUrl, timeoutMs: 2_000 });
  const peers = {
    catalog: client('catalog', env.CATALOG_URL),
    inventory: client('inventory', env.INVENTORY_URL),
    orders: client('orders', env.ORDERS_URL),
    reviews: client('reviews', env.REVIEWS_URL),
  };
  const options = { db: service.db, now: Date.now, token: env.ADMIN_TOKEN, peers };
  await serve(service, { addRoutes: (server) => addRoutes(server, options) });
});
