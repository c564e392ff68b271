import { hostname } from 'node:os';
import type { CloudEvent } from '#process/bus/cloud-event';
import { runMain } from '#process/shutdown';
import { createCache } from '#services/kit/cache/cache';
import { repeat } from '#services/kit/repeat';
import { createReader } from '#services/kit/replica/reader';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { createAssortment, createSales } from './assortment.ts';
import { createCachedStore } from './cached-store.ts';
import type { Product } from './contract.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { scheduleSale, turnSales } from './sales.ts';
import { type CatalogTables, migrations } from './schema.ts';
import { createCatalogStore } from './store.ts';

/** Longer than an instance that is replaced takes to stop. */
const drainedWithinMs = 30_000;

/** So late at most a sale begins and ends. */
const salesIntervalMs = 1_000;

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<CatalogTables>({ manifest, env, migrations });
  const { db, bus, logger } = service;
  const { name } = manifest;
  const replica = { replicaUrl: env.CATALOG_REPLICA_URL, maxLagMs: env.REPLICA_MAX_LAG_MS };
  const reader = createReader({ db, ...replica, name, logger });
  const store = createCatalogStore(db);
  const assortment = createAssortment();
  const seeded = await store.seed(assortment, Date.now());
  if (seeded > 0) {
    logger.info({ products: seeded }, 'filled the empty catalogue');
    for (const { productId, sale } of createSales(assortment, Date.now())) {
      await scheduleSale(db, { productId, sale, nowMs: Date.now() });
    }
  }
  const cache = createCache({ name, redisUrl: env.REDIS_URL, logger, maxEntries: env.CACHE_ENTRIES, now: Date.now });
  // What is loaded after a change of anybody's has to show it, or the cache would keep what was before.
  const changes = 'changes';
  const reads = createCatalogStore(db, (work) => reader.read(work, changes));
  await reader.wrote(changes);
  const cached = createCachedStore(reads, cache);
  // A queue for each instance, the same after a restart. One that is gone for good leaves its queue to be deleted.
  const queue = `${name}.product.changed.${hostname()}.${env.port}`;
  const handler = async (event: CloudEvent): Promise<void> => {
    await reader.wrote(changes);
    await cached.handleChange(event);
  };
  await bus.consume({ queue, types: ['product.changed'], handler });
  await cached.warmUp();
  // Until it stopped, the instance that this one replaces has taken events from the same queue.
  if (env.sockets.length > 0) setTimeout(() => void cached.forgetAll(), drainedWithinMs).unref();
  // Views are many and nobody waits for one: they are relayed twice a second, in batches.
  const relay = relayOutbox(service);
  const changed = async ({ id }: Product): Promise<void> => {
    relay.wake();
    await reader.wrote(changes);
    void cached.forget(id);
  };
  const turn = async (): Promise<void> => {
    for (const product of await turnSales(db, Date.now())) await changed(product);
  };
  const sales = repeat(turn, { intervalMs: salesIntervalMs, logger, name: 'beginning and ending sales' });
  await serve(service, {
    addRoutes: (server) =>
      addRoutes(server, {
        store: cached.store,
        fresh: store,
        reader,
        db,
        now: Date.now,
        logger,
        changed,
        salesChanged: sales.wake,
      }),
    stop: [sales.stop, relay.stop, cache.stop, reader.stop],
  });
});
