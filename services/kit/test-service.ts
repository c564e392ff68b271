import type { Kysely } from 'kysely';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { createRegistry } from '#process/health';
import { createLogger, type Logger } from '#process/logger';
import { createDatabase, databaseReadiness, type Migration, migrate } from './database.ts';
import { createServer, type Server, type ServerOptions } from './server.ts';
import type { Manifest } from './service.ts';

/** For tests: a server as services have it, which says nothing, is ready, and takes faults only with a token for them. */
export function createTestServer(
  { name, description, version }: Omit<Manifest, 'name'> & { name: string },
  {
    chaosToken,
    ...rest
  }: Partial<Pick<ServerOptions, 'readiness' | 'logger' | 'limits'>> & { chaosToken?: string } = {},
): Promise<Server> {
  return createServer({
    ...{ name, description, version, registry: createRegistry(name), logger: silentLogger(name) },
    readiness: () => ({ ready: true }),
    chaos: { enabled: chaosToken !== undefined, token: chaosToken ?? '' },
    ...rest,
  });
}

export type TestService<Tables> = {
  postgres: TestPostgres;
  db: Kysely<Tables>;
  logger: Logger;
  /** A server as the service has it: for its own routes, or those of a service that it calls. Ends with the rest. */
  newServer: () => Promise<Server>;
  stop: () => Promise<void>;
};

/**
 * For tests of a service: its schema in a database of its own, on a real PostgreSQL.
 * @param databases further ones
 */
export async function openTestService<Tables>({
  manifest,
  migrations,
  databases = [],
}: {
  manifest: Manifest;
  migrations: Record<string, Migration>;
  databases?: readonly string[];
}): Promise<TestService<Tables>> {
  const { name } = manifest;
  const logger = silentLogger(name);
  const postgres = await startTestPostgres({ databases: [name, ...databases] });
  const db = createDatabase<Tables>({ url: postgres.url(name), name, logger });
  await migrate(db, migrations);
  const servers: Server[] = [];
  return {
    ...{ postgres, db, logger },
    newServer: async () => {
      const server = await createTestServer(manifest, { logger, readiness: databaseReadiness(db) });
      servers.push(server);
      return server;
    },
    stop: async () => {
      for (const server of servers.reverse()) await server.close();
      await db.destroy();
      await postgres.stop();
    },
  };
}

function silentLogger(name: string): Logger {
  const logger = createLogger(name);
  logger.level = 'silent';
  return logger;
}
