import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { migrations, type ReviewsTables } from './schema.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<ReviewsTables>({ manifest, env, migrations });
  const { db } = service;
  const relay = relayOutbox(service);
  const orders = createClient({ peer: 'orders', baseUrl: env.ORDERS_URL, timeoutMs: 1_000 });
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { db, orders, now: Date.now, changed: relay.wake }),
    stop: [relay.stop],
  });
});
