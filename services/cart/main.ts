import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { startInboxSweep } from '#services/kit/inbox';
import { repeat } from '#services/kit/repeat';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes, onOrderConfirmed } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { onProductChanged } from './prices.ts';
import { type CartTables, migrations } from './schema.ts';
import { createCartStore } from './store.ts';
import { expireItems } from './upkeep.ts';

const expiryIntervalMs = 3_600_000;

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<CartTables>({ manifest, env, migrations });
  const { db, bus, logger } = service;
  const relay = relayOutbox(service);
  const catalog = createClient({ peer: 'catalog', baseUrl: env.CATALOG_URL, timeoutMs: 1_000 });
  const shared = { db, catalog, store: createCartStore(db), now: Date.now, changed: relay.wake };
  await bus.consume({
    queue: 'cart.order.confirmed',
    types: ['order.confirmed'],
    handler: (event) => onOrderConfirmed(shared, event),
  });
  await bus.consume({
    queue: 'cart.product.changed',
    types: ['product.changed'],
    handler: (event) => onProductChanged(shared, event),
  });
  const expiry = { intervalMs: expiryIntervalMs, logger, name: 'removing old carts' };
  const expiring = repeat(() => expireItems(db, Date.now()), expiry);
  await serve(service, {
    addRoutes: (server) => addRoutes(server, shared),
    stop: [startInboxSweep(db, logger), expiring.stop, relay.stop],
  });
});
