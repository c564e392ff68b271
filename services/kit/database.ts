import { Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';
import type { Readiness } from '#process/health';
import type { Logger } from '#process/logger';
import { measurePool } from './measure-pool.ts';
import { createQueryLog } from './trace-queries.ts';

export type { Migration };

export type DatabaseOptions = {
  url: string;
  /** Shown in `pg_stat_activity`. */
  name: string;
  logger: Logger;
  /** Most connections at once; many processes share one server. */
  maxConnections?: number;
  /** Default 5,000. */
  connectTimeoutMs?: number;
  /** For a server that may hang and need not be waited for. Default: none. */
  queryTimeoutMs?: number;
};

/** Connects lazily; a lost connection is replaced on the next query. */
export function createDatabase<Tables>(options: DatabaseOptions): Kysely<Tables> {
  const { url, name, logger, maxConnections = 4, connectTimeoutMs = 5_000, queryTimeoutMs } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 60_000,
    statement_timeout: 10_000,
    keepAlive: true,
    ...(queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs }),
  });
  // Without listeners the loss of a connection ends the process: the pool's is for idle ones, the client's for those that
  // are lent out and between two statements of a transaction. The next statement fails and says so to who waits for it.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection was lost'));
  pool.on('connect', (client) => client.on('error', () => {}));
  measurePool(pool, name);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), log: createQueryLog(url) });
}

/**
 * Applies what is missing of the migrations, in the order of their names, all under one advisory lock.
 * @throws the error of the migration that failed; nothing of it remains
 */
export async function migrate<Tables>(db: Kysely<Tables>, migrations: Record<string, Migration>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** Ready while the database answers. */
export function databaseReadiness<Tables>(db: Kysely<Tables>): Readiness {
  return async () => {
    try {
      await sql`select 1`.execute(db);
      return { ready: true };
    } catch (error) {
      return { ready: false, reason: `database: ${error instanceof Error ? error.message : String(error)}` };
    }
  };
}
