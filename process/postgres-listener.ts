import { Client } from 'pg';
import type { Logger } from './logger.ts';

export type Listener = {
  /** True while notifications arrive and this process is the only one with the lock. */
  connected: () => boolean;
  close: () => Promise<void>;
};

type Options = {
  databaseUrl: string;
  /** Name of the lock: of the processes that ask for it only one is connected at a time. */
  lock: string;
  channels: readonly string[];
  /** Also called, with every channel, after each (re)connection: something may have been missed. */
  onNotification: (channel: string) => void;
  logger: Logger;
  sleep: (ms: number) => Promise<void>;
};

/**
 * Listens on PostgreSQL channels for as long as it takes, connecting again when the connection breaks. While it is
 * connected it holds the lock; a second process that wants the same waits for it as a standby.
 */
export function listenToPostgres(options: Options): Listener {
  let client: Client | null = null;
  let connected = false;
  let closed = false;
  const session = async (): Promise<void> => {
    const current = new Client({ connectionString: options.databaseUrl, keepAlive: true });
    client = current;
    const broken = new Promise<void>((resolve) => {
      current.on('end', resolve);
      current.on('error', () => resolve());
    });
    // A connection that is ended while it is being made settles nothing.
    await Promise.race([current.connect(), broken]);
    current.on('notification', ({ channel }) => options.onNotification(channel));
    await Promise.race([current.query('SELECT pg_advisory_lock(hashtext($1))', [options.lock]), broken]);
    for (const channel of options.channels) await current.query(`LISTEN ${current.escapeIdentifier(channel)}`);
    connected = true;
    for (const channel of options.channels) options.onNotification(channel);
    await broken;
  };
  const run = async (): Promise<void> => {
    while (!closed) {
      await session().catch((error: unknown) => options.logger.warn({ err: error }, 'not listening to PostgreSQL'));
      connected = false;
      await client?.end().catch(() => undefined);
      if (!closed) await options.sleep(500);
    }
  };
  const running = run();
  return {
    connected: () => connected,
    close: async () => {
      closed = true;
      await client?.end().catch(() => undefined);
      await running;
    },
  };
}
