import { createRegistry, listen } from '#process/health';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createBus } from '#services/kit/bus';
import { createDatabase, databaseReadiness, migrate } from '#services/kit/database';
import { createClient } from '#services/kit/fetch';
import { startRelay } from '#services/kit/outbox';
import { runService } from '#services/kit/run';
import { createServer } from '#services/kit/server';
import { buildAcquirer } from './acquirer/app.ts';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { description, version } from './manifest.ts';
import { type PaymentsDatabase, paymentsMigrations } from './schema.ts';

const name = 'payments';

runMain(name, async () => {
  const env = readEnv();
  const logger = createLogger(name);
  const db = createDatabase<PaymentsDatabase>({ url: env.DATABASE_URL, name, logger });
  await migrate(db, paymentsMigrations);
  const now = (): Date => new Date();
  const acquirer = buildAcquirer({ db, now, random: Math.random });
  await acquirer.ready();
  await listen(acquirer.server, { host: env.host, port: env.ACQUIRER_PORT, variable: 'ACQUIRER_PORT' });
  const bus = await createBus({ url: env.BUS_URL, name, logger });
  const relay = startRelay({ db, publish: bus.publish, logger });
  const server = await createServer({
    ...{ name, description, version, logger },
    registry: createRegistry(name),
    readiness: databaseReadiness(db),
    chaos: env.chaos,
  });
  const client = createClient({ peer: 'acquirer', baseUrl: env.ACQUIRER_URL, timeoutMs: 900 });
  addRoutes(server, { db, acquirer: client, now, onEvents: relay.wake });
  await runService({ server, env, logger, stop: [() => acquirer.close(), relay.stop, bus.stop, () => db.destroy()] });
});
