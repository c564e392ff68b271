import { Client } from 'pg';
import type { Logger } from '#process/logger';

export type Lease = { isHeld: () => boolean; stop: () => Promise<void> };

const retryMs = 1_000;

/**
 * One alerts process evaluates at a time: an advisory lock that lives as long as its connection, which also LISTENs for
 * commands. A second process stands by and takes over when the first one's connection ends.
 * @param onAcquired the state in memory is stale: read it back
 * @param onCommand a row of AlertCommand waits
 */
export function holdLease({
  databaseUrl,
  logger,
  onAcquired,
  onCommand,
}: {
  databaseUrl: string;
  logger: Logger;
  onAcquired: () => void;
  onCommand: () => void;
}): Lease {
  let held = false;
  let stopped = false;
  let client: Client | null = null;

  async function holdOnce(): Promise<void> {
    const connection = new Client({ connectionString: databaseUrl, keepAlive: true, connectionTimeoutMillis: 5_000 });
    client = connection;
    const ended = new Promise<void>((resolve) => {
      connection.on('error', () => resolve());
      connection.on('end', () => resolve());
    });
    try {
      await connection.connect();
      connection.on('notification', onCommand);
      await connection.query('LISTEN alert_commands');
      if (!(await acquire(connection))) return;
      onAcquired();
      held = true;
      logger.info('evaluating: the lease is held');
      onCommand();
      await ended;
    } finally {
      held = false;
      await connection.end().catch(() => undefined);
    }
  }

  async function acquire(connection: Client): Promise<boolean> {
    for (let asked = 0; !stopped; asked += 1) {
      const { rows } = await connection.query<{ got: boolean }>(
        `SELECT pg_try_advisory_lock(hashtext('bellwether alerts')) AS got`,
      );
      if (rows[0]?.got === true) return true;
      if (asked === 0) logger.info('standing by: another alerts process evaluates');
      await pause(retryMs);
    }
    return false;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      await holdOnce().catch((error: unknown) => logger.warn({ err: error }, 'no connection for the lease'));
      if (!stopped) await pause(retryMs);
    }
  }

  const running = run();
  return {
    isHeld: () => held,
    stop: async () => {
      stopped = true;
      await client?.end().catch(() => undefined);
      await running;
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
