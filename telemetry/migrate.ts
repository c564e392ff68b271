import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createTelemetryClient, ensureDatabase } from './client.ts';
import { readEnv } from './env.ts';
import { migrate } from './migrations.ts';

runMain('telemetry-migrate', async () => {
  const logger = createLogger('telemetry-migrate');
  const url = readEnv().CLICKHOUSE_URL;
  await ensureDatabase(url);
  const client = createTelemetryClient({ url, lane: 'admin' });
  const applied = await migrate(client);
  await client.close();
  logger.info({ applied }, applied.length === 0 ? 'the schema is up to date' : 'the schema was brought up to date');
});
