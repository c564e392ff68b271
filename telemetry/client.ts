import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

export type TelemetryClient = ClickHouseClient;

/**
 * Who asks. The embedded store keeps sessions apart by it, so that none waits for another; a ClickHouse server logs it
 * (`log_comment`).
 */
type Lane = 'inserts' | 'alerts' | 'health' | 'console' | 'admin';

/** Database of the store. */
const database = 'bellwether';

/**
 * A client of the telemetry store.
 * @param options.url e.g. `http://127.0.0.1:8124`, or a ClickHouse server's with `user:password@`
 */
export function createTelemetryClient({ url, lane }: { url: string; lane: Lane }): TelemetryClient {
  return connect(url, lane, database);
}

/** The console's client of the telemetry store. */
export function createStoreClient(url: string): TelemetryClient {
  return connect(url, 'console', database);
}

/** Creates the store's database where it does not exist yet. */
export async function ensureDatabase(url: string): Promise<void> {
  const client = connect(url, 'admin', 'default');
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  await client.close();
}

function connect(url: string, lane: Lane, initialDatabase: string): TelemetryClient {
  return createClient({
    url,
    database: initialDatabase,
    application: `bellwether-${lane}`,
    request_timeout: lane === 'admin' ? 600_000 : 60_000,
    max_open_connections: 10,
    compression: { request: false, response: false },
    clickhouse_settings: { log_comment: `bellwether/${lane}`, output_format_json_quote_64bit_integers: 1 },
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    log: { level: ClickHouseLogLevel.OFF },
  });
}
