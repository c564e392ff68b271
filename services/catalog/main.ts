import { hostname } from 'node:os';
import { runMain } from '#process/shutdown';
import { createCache } from '#services/kit/cache/cache';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { createAssortment } from './assortment.ts';
import { createCachedStore } from './cached-store.ts';
import type { Product } from './contract.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { type CatalogTables, migrations } from './schema.ts';
import { createCatalogStore } from './store.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<CatalogTables>({ manifest, env, migrations });
  const { db, bus, logger } = service;
  const store = createCatalogStore(db);
  const seeded = await store.seed(createAssortment(), Date.now());
  if (seeded > 0) logger.info({ products: seeded }, 'filled the empty catalogue');
  const { name } = manifest;
  const cache = createCache({ name, redisUrl: env.REDIS_URL, logger, maxEntries: 2_000, now: Date.now });
  const cached = createCachedStore(store, cache);
  // A queue for each instance, the same after a restart. One that is gone for good leaves its queue to be deleted.
  const queue = `${name}.product.changed.${hostname()}.${env.port}`;
  await bus.consume({ queue, types: ['product.changed'], handler: cached.handleChange });
  // Views are many and nobody waits for one: they are relayed twice a second, in batches.
  const relay = relayOutbox(service);
  const changed = ({ id, variants }: Product): void => {
    void cached.forget({ productId: id, skus: variants.map(({ sku }) => sku) });
    relay.wake();
  };
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { store: cached.store, fresh: store, db, now: Date.now, logger, changed }),
    stop: [relay.stop, cache.stop],
  });
});
