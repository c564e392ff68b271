import { hostname } from 'node:os';
import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createBus } from '#services/kit/bus';
import { createCache } from '#services/kit/cache/cache';
import { createDatabase, databaseReadiness, migrate } from '#services/kit/database';
import { startRelay } from '#services/kit/outbox';
import { runService } from '#services/kit/run';
import { createServer } from '#services/kit/server';
import { addRoutes } from './app.ts';
import { createAssortment } from './assortment.ts';
import { createCachedStore } from './cached-store.ts';
import { readEnv } from './env.ts';
import { description, version } from './manifest.ts';
import { type CatalogTables, migrations } from './schema.ts';
import { createCatalogStore } from './store.ts';

const name = 'catalog';

runMain(name, async () => {
  const env = readEnv();
  const logger = createLogger(name);
  const db = createDatabase<CatalogTables>({ url: env.DATABASE_URL, name, logger });
  await migrate(db, migrations);
  const store = createCatalogStore(db);
  const seeded = await store.seed(createAssortment(), Date.now());
  if (seeded > 0) logger.info({ products: seeded }, 'filled the empty catalogue');
  const bus = await createBus({ url: env.BUS_URL, name, logger });
  const cache = createCache({ name, redisUrl: env.REDIS_URL, logger, maxEntries: 2_000, now: Date.now });
  const cached = createCachedStore(store, cache);
  // A queue for each instance, the same after a restart. One that is gone for good leaves its queue to be deleted.
  const queue = `${name}.product.changed.${hostname()}.${env.port}`;
  await bus.consume({ queue, types: ['product.changed'], handler: cached.handleChange });
  // Views are many and nobody waits for one: they are relayed twice a second, in batches.
  const relay = startRelay({ db, publish: bus.publish, logger });
  const server = await createServer({
    name,
    description,
    version,
    logger,
    registry: createRegistry(name),
    readiness: databaseReadiness(db),
    chaos: env.chaos,
  });
  addRoutes(server, { store: cached.store, now: Date.now, logger });
  await runService({ server, env, logger, stop: [relay.stop, bus.stop, cache.stop, () => db.destroy()] });
});
