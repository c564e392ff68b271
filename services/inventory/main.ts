import { runMain } from '#process/shutdown';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { startHousekeeping } from './housekeeping.ts';
import { manifest } from './manifest.ts';
import { type InventoryDatabase, inventoryMigrations } from './schema.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<InventoryDatabase>({ manifest, env, migrations: inventoryMigrations });
  const { db, logger } = service;
  const relay = relayOutbox(service);
  const now = (): Date => new Date();
  const housekeeping = startHousekeeping({ db, now, intervalMs: 5_000, logger, onEvents: relay.wake });
  await serve(service, {
    addRoutes: (server) =>
      addRoutes(server, { db, now, holdSeconds: env.INVENTORY_HOLD_SECONDS, onEvents: relay.wake }),
    stop: [housekeeping.stop, relay.stop],
  });
});
