import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { openFlags } from '#services/kit/flags/flags';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { migrations, type ReviewsTables } from './schema.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<ReviewsTables>({ manifest, env, migrations });
  const { db, logger } = service;
  const relay = relayOutbox(service);
  const orders = createClient({ peer: 'orders', baseUrl: env.ORDERS_URL, timeoutMs: 1_000 });
  const flags = await openFlags({ name: manifest.name, env, logger });
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { db, orders, flags, now: Date.now, changed: relay.wake }),
    stop: [relay.stop, flags.stop],
  });
});
