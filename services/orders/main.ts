import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { createAsk, type Peers, passChallenge, readCart } from './ask.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { startRebuilds } from './rebuild/rebuild.ts';
import { startRecovery } from './recovery.ts';
import type { SagaPorts } from './run-saga.ts';
import { type OrdersDatabase, ordersMigrations } from './schema.ts';
import { appendToOrder, loadOrder } from './store.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const options = { manifest, env, migrations: ordersMigrations, maxConnections: 6 };
  const service = await openService<OrdersDatabase>(options);
  const { db, logger } = service;
  const relay = relayOutbox(service);
  const checkoutMs = env.ORDERS_CHECKOUT_MS;
  const peers: Peers = {
    cart: createClient({ peer: 'cart', baseUrl: env.CART_URL, timeoutMs: 0.2 * checkoutMs }),
    inventory: createClient({ peer: 'inventory', baseUrl: env.INVENTORY_URL, timeoutMs: checkoutMs }),
    payments: createClient({ peer: 'payments', baseUrl: env.PAYMENTS_URL, timeoutMs: checkoutMs }),
  };
  const ports: SagaPorts = {
    load: (orderId) => loadOrder(db, orderId),
    append: async (state, events) => {
      const after = await appendToOrder(db, state, events, { now: new Date() });
      if (after.outcome !== 'open') relay.wake();
      return after;
    },
    ask: createAsk(peers, { now: Date.now, logger, checkoutMs, challengeMs: env.ORDERS_CHALLENGE_MS }),
    now: Date.now,
  };
  const timing = {
    ...{ checkoutMs, finishWithinMs: 14 * checkoutMs, leaseMs: env.ORDERS_LEASE_MS },
    ...{ intervalMs: 1_000, lastAttempt: env.ORDERS_LAST_ATTEMPT },
  };
  const recovery = startRecovery({ db, ports, timing, logger });
  const rebuilds = startRebuilds({ db, logger, now: () => new Date() });
  await serve(service, {
    addRoutes: (server) =>
      addRoutes(server, {
        ...{ db, ports, timing, recovery, rebuilds },
        readCart: (cartId, caller) => readCart(peers, cartId, caller),
        passChallenge: (state, answer) => passChallenge(peers, state, answer),
      }),
    stop: [rebuilds.stop, recovery.stop, relay.stop],
  });
});
