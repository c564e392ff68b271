import { runMain } from '#process/shutdown';
import { startRelay } from '#services/kit/outbox';
import { openService, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { createAssortment } from './assortment.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { type CatalogTables, migrations } from './schema.ts';
import { createCatalogStore } from './store.ts';

runMain(manifest.name, async () => {
  const service = await openService<CatalogTables>({ manifest, env: readEnv(), migrations });
  const { db, bus, logger } = service;
  const store = createCatalogStore(db);
  const seeded = await store.seed(createAssortment(), Date.now());
  if (seeded > 0) logger.info({ products: seeded }, 'filled the empty catalogue');
  // Views are many and nobody waits for one: they are relayed twice a second, in batches.
  const relay = startRelay({ db, publish: bus.publish, logger });
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { store, db, now: Date.now, logger, changed: relay.wake }),
    stop: [relay.stop],
  });
});
