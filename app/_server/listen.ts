import { Client } from 'pg';

/**
 * Listens on Postgres channels for as long as the process lives; reconnects after a loss and then reports every
 * channel once, since notifications of the meantime are gone.
 */
export function listenForever({
  databaseUrl,
  channels,
  retryMs,
  onNotify,
}: {
  databaseUrl: string;
  channels: readonly string[];
  retryMs: number;
  onNotify: (channel: string) => void;
}): void {
  const connect = async (): Promise<void> => {
    const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 3_000, keepAlive: true });
    let lost = false;
    const again = (): void => {
      if (lost) return;
      lost = true;
      client.end().catch(() => {});
      setTimeout(() => void connect(), retryMs).unref();
    };
    client.on('error', again);
    client.on('end', again);
    client.on('notification', ({ channel }) => onNotify(channel));
    try {
      await client.connect();
      for (const channel of channels) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      for (const channel of channels) onNotify(channel);
    } catch {
      again();
    }
  };
  void connect();
}
