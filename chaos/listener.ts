import { Client } from 'pg';
import type { Logger } from '#process/logger';

export type Listener = {
  /** True while notifications arrive and this process is the only controller. */
  connected: () => boolean;
  close: () => Promise<void>;
};

type Options = {
  databaseUrl: string;
  channels: readonly string[];
  /** Also called, with every channel, after each (re)connection: something may have been missed. */
  onNotification: (channel: string) => void;
  logger: Logger;
  sleep: (ms: number) => Promise<void>;
};

/**
 * Listens on PostgreSQL channels for as long as it takes, connecting again when the connection breaks. While it is
 * connected it holds the controller's lock; a second controller waits for it as a standby.
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
    await current.connect();
    current.on('notification', ({ channel }) => options.onNotification(channel));
    await Promise.race([current.query(`SELECT pg_advisory_lock(hashtext('bellwether chaos'))`), broken]);
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
