import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { openFlags } from '#services/kit/flags/flags';
import { startInboxSweep } from '#services/kit/inbox';
import { openService, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { migrations, type RecommendationsTables } from './schema.ts';
import { learnOrder, queue } from './store.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<RecommendationsTables>({ manifest, env, migrations });
  const { db, bus, logger } = service;
  await bus.consume({ queue, types: ['order.confirmed'], handler: (event) => learnOrder(db, event) });
  const catalog = createClient({ peer: 'catalog', baseUrl: env.CATALOG_URL, timeoutMs: 1_000 });
  const flags = await openFlags({ name: manifest.name, env, logger });
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { db, catalog, flags }),
    stop: [startInboxSweep(db, logger), flags.stop],
  });
});
