import type { Kysely } from 'kysely';
import type { ProcessName } from '#process/addresses';
import { openBus } from '#process/bus/open';
import type { Bus } from '#process/bus/port';
import { createRegistry } from '#process/health';
import { createLogger, type Logger } from '#process/logger';
import { createDatabase, databaseReadiness, type Migration, migrate } from './database.ts';
import type { DatabaseEnv, ServiceEnv } from './env.ts';
import type { OutboxTables } from './outbox.ts';
import { type Relay, startRelay } from './relay/relay.ts';
import { type RunOptions, runService } from './run.ts';
import { createServer, type Server } from './server.ts';

/** What a service says of itself: in its OpenAPI document, its logs and its metrics. */
export type Manifest = { name: ProcessName; description: string; version: string };

/** A service's environment when it has a database of its own. */
export type DatabaseServiceEnv = ServiceEnv & DatabaseEnv;

/** What a service with a database has open while it runs. */
export type OpenService<Tables> = {
  manifest: Manifest;
  env: DatabaseServiceEnv;
  logger: Logger;
  db: Kysely<Tables>;
  bus: Bus;
};

/**
 * Opens a service's database, brings its schema up to date and joins the bus.
 * @throws when one of them cannot be reached: the supervisor tries again
 */
export async function openService<Tables>({
  manifest,
  env,
  migrations,
  maxConnections,
}: {
  manifest: Manifest;
  env: DatabaseServiceEnv;
  migrations: Record<string, Migration>;
  maxConnections?: number;
}): Promise<OpenService<Tables>> {
  const { name } = manifest;
  const logger = createLogger(name);
  const options = { url: env.DATABASE_URL, name, logger };
  const db = createDatabase<Tables>(maxConnections === undefined ? options : { ...options, maxConnections });
  await migrate(db, migrations);
  const bus = await openBus(env, { name, logger });
  return { manifest, env, logger, db, bus };
}

/** Publishes what the service appends to its outbox, by polling or, when it is told to, by logical replication. */
export function relayOutbox<Tables extends OutboxTables>({
  manifest,
  env,
  db,
  bus,
  logger,
}: OpenService<Tables>): Relay {
  const stream = { url: env.DATABASE_URL, slot: `outbox_${manifest.name}` };
  const streams = env.OUTBOX_RELAY === 'streaming';
  return startRelay({ db, publish: bus.publish, logger, stream: streams ? stream : undefined });
}

/** A server of a service that keeps no data: it can answer, if only with a problem, while those behind it are away. */
export function createStatelessServer({
  manifest,
  env,
  logger,
}: {
  manifest: Manifest;
  env: ServiceEnv;
  logger: Logger;
}): Promise<Server> {
  const registry = createRegistry(manifest.name);
  return createServer({ ...manifest, logger, registry, readiness: () => ({ ready: true }), chaos: env.chaos });
}

export type ServeOptions = {
  addRoutes: (server: Server) => void;
  alongside?: RunOptions['alongside'];
  stop?: RunOptions['stop'];
};

/**
 * Serves an open service until it is told to stop.
 * @param stop what ends after the last answer and before bus and database, in this order
 */
export async function serve<Tables>(
  { manifest, env, logger, db, bus }: OpenService<Tables>,
  { addRoutes, alongside = [], stop = [] }: ServeOptions,
): Promise<void> {
  const server = await createServer({
    ...manifest,
    logger,
    registry: createRegistry(manifest.name),
    readiness: databaseReadiness(db),
    chaos: env.chaos,
  });
  addRoutes(server);
  await runService({ server, env, logger, alongside, stop: [...stop, bus.stop, () => db.destroy()] });
}
