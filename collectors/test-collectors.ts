import { once } from 'node:events';
import { Registry } from 'prom-client';
import { createLogger } from '#process/logger';
import { createTelemetryClient } from '#telemetry/client';
import { createWriter } from '#telemetry/writer/writer';
import { closeGently, createCollectors } from './app.ts';
import type { FaroOptions } from './faro/receiver.ts';

const noApps: FaroOptions = { apps: [], maxBodyBytes: 1_048_576, rates: { app: 1, address: 1, session: 1 } };

export type TestCollectors = { url: string; stop: () => Promise<void> };

/** The collectors' real server and writer in front of a store, on a free port of loopback. */
export async function startTestCollectors(
  storeUrl: string,
  { maxBodyBytes = 1_048_576, faro = noApps }: { maxBodyBytes?: number; faro?: FaroOptions } = {},
): Promise<TestCollectors> {
  const logger = createLogger('collectors-test');
  logger.level = 'silent';
  const registry = new Registry();
  const client = createTelemetryClient({ url: storeUrl, lane: 'inserts' });
  const writer = createWriter({ client, clock: Date.now, logger });
  const { server } = createCollectors({
    store: writer,
    registry,
    readiness: () => ({ ready: writer.isHealthy() }),
    logger,
    clock: Date.now,
    maxBodyBytes,
    faro,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      await Promise.all([closeGently(server), writer.close()]);
      await client.close();
    },
  };
}
