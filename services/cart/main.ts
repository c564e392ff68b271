import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createBus } from '#services/kit/bus';
import { createDatabase, databaseReadiness, migrate } from '#services/kit/database';
import { createClient } from '#services/kit/fetch';
import { startInboxSweep } from '#services/kit/inbox';
import { startRelay } from '#services/kit/outbox';
import { runService } from '#services/kit/run';
import { createServer } from '#services/kit/server';
import { addRoutes, onOrderConfirmed } from './app.ts';
import { readEnv } from './env.ts';
import { description, version } from './manifest.ts';
import { type CartTables, migrations } from './schema.ts';
import { createCartStore } from './store.ts';
import { expireItems, onProductChanged } from './upkeep.ts';

const name = 'cart';

runMain(name, async () => {
  const env = readEnv();
  const logger = createLogger(name);
  const db = createDatabase<CartTables>({ url: env.DATABASE_URL, name, logger });
  await migrate(db, migrations);
  const store = createCartStore(db);
  const bus = await createBus({ url: env.BUS_URL, name, logger });
  const relay = startRelay({ db, publish: bus.publish, logger });
  const shared = { store, now: Date.now, changed: relay.wake };
  const catalog = createClient({ peer: 'catalog', baseUrl: env.CATALOG_URL, timeoutMs: 1_000 });
  await bus.consume({
    queue: 'cart.product.changed',
    types: ['product.changed'],
    handler: (event) => onProductChanged({ db, catalog }, event),
  });
  const expiring = setInterval(() => {
    expireItems(db, Date.now()).catch((error: unknown) => logger.warn({ err: error }, 'old carts not removed'));
  }, 3_600_000);
  await bus.consume({
    queue: 'cart.order.confirmed',
    types: ['order.confirmed'],
    handler: (event) => onOrderConfirmed(shared, event),
  });
  const server = await createServer({
    name,
    description,
    version,
    logger,
    registry: createRegistry(name),
    readiness: databaseReadiness(db),
    chaos: env.chaos,
  });
  addRoutes(server, { ...shared, catalog });
  await runService({
    server,
    env,
    logger,
    stop: [startInboxSweep(db, logger), async () => clearInterval(expiring), relay.stop, bus.stop, () => db.destroy()],
  });
});
