import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createBus } from '#services/kit/bus';
import { createDatabase, databaseReadiness, migrate } from '#services/kit/database';
import { startRelay } from '#services/kit/outbox';
import { runService } from '#services/kit/run';
import { createServer } from '#services/kit/server';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { startHousekeeping } from './housekeeping.ts';
import { description, version } from './manifest.ts';
import { type InventoryDatabase, inventoryMigrations } from './schema.ts';

const name = 'inventory';

runMain(name, async () => {
  const env = readEnv();
  const logger = createLogger(name);
  const db = createDatabase<InventoryDatabase>({ url: env.DATABASE_URL, name, logger });
  await migrate(db, inventoryMigrations);
  const bus = await createBus({ url: env.BUS_URL, name, logger });
  const relay = startRelay({ db, publish: bus.publish, logger });
  const now = (): Date => new Date();
  const server = await createServer({
    ...{ name, description, version, logger },
    registry: createRegistry(name),
    readiness: databaseReadiness(db),
    chaos: env.chaos,
  });
  addRoutes(server, { db, now, holdSeconds: env.INVENTORY_HOLD_SECONDS, onEvents: relay.wake });
  const stopHousekeeping = startHousekeeping({ db, now, intervalMs: 5_000, logger, onEvents: relay.wake });
  await runService({ server, env, logger, stop: [stopHousekeeping, relay.stop, bus.stop, () => db.destroy()] });
});
