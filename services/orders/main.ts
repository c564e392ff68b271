import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createBus } from '#services/kit/bus';
import { createDatabase, databaseReadiness, migrate } from '#services/kit/database';
import { createClient } from '#services/kit/fetch';
import { startRelay } from '#services/kit/outbox';
import { runService } from '#services/kit/run';
import { createServer } from '#services/kit/server';
import { addRoutes } from './app.ts';
import { createAsk, type Peers, readCart } from './ask.ts';
import { readEnv } from './env.ts';
import { description, version } from './manifest.ts';
import { startRecovery } from './recovery.ts';
import type { SagaPorts } from './run-saga.ts';
import { type OrdersDatabase, ordersMigrations } from './schema.ts';
import { appendToOrder, loadOrder } from './store.ts';

const name = 'orders';

runMain(name, async () => {
  const env = readEnv();
  const logger = createLogger(name);
  const db = createDatabase<OrdersDatabase>({ url: env.DATABASE_URL, name, logger, maxConnections: 6 });
  await migrate(db, ordersMigrations);
  const bus = await createBus({ url: env.BUS_URL, name, logger });
  const relay = startRelay({ db, publish: bus.publish, logger });
  const checkoutMs = env.ORDERS_CHECKOUT_MS;
  const peers: Peers = {
    cart: createClient({ peer: 'cart', baseUrl: env.CART_URL, timeoutMs: 0.2 * checkoutMs }),
    inventory: createClient({ peer: 'inventory', baseUrl: env.INVENTORY_URL, timeoutMs: checkoutMs }),
    payments: createClient({ peer: 'payments', baseUrl: env.PAYMENTS_URL, timeoutMs: checkoutMs }),
  };
  const ports: SagaPorts = {
    load: (orderId) => loadOrder(db, orderId),
    append: async (state, events) => {
      const after = await appendToOrder(db, state, events, new Date());
      if (after.outcome !== 'open') relay.wake();
      return after;
    },
    ask: createAsk(peers, { now: Date.now, logger, checkoutMs }),
    now: Date.now,
  };
  const timing = { checkoutMs, leaseMs: env.ORDERS_LEASE_MS, intervalMs: 1_000, finishWithinMs: 14 * checkoutMs };
  const recovery = startRecovery({ db, ports, timing, logger });
  const server = await createServer({
    ...{ name, description, version, logger },
    registry: createRegistry(name),
    readiness: databaseReadiness(db),
    chaos: env.chaos,
  });
  addRoutes(server, { db, ports, timing, recovery, readCart: (cartId, caller) => readCart(peers, cartId, caller) });
  await runService({ server, env, logger, stop: [recovery.stop, relay.stop, bus.stop, () => db.destroy()] });
});
