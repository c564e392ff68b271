import { setTimeout as delay } from 'node:timers/promises';
import { createRegistry, listen, type Readiness } from '#process/health';
import { createLogger } from '#process/logger';
import { onShutdown, runMain } from '#process/shutdown';
import { createTelemetryClient } from '#telemetry/client';
import { createWriter } from '#telemetry/writer/writer';
import { closeGently, createCollectors } from './app.ts';
import { watchDeadLetters } from './dead-letters/watch.ts';
import { readEnv } from './env.ts';
import { consumeBus } from './events/bus.ts';

/** How long stopping waits for requests at hand: less than whoever stops processes waits before it kills them. */
const stopWithinMs = 3_000;

/** Receives telemetry and events, and acknowledges each request once the store has it. Keeps no state. */
runMain('collectors', async () => {
  const env = readEnv();
  const logger = createLogger('collectors');
  const registry = createRegistry('collectors');
  const clock = Date.now;
  const inserts = createTelemetryClient({ url: env.CLICKHOUSE_URL, lane: 'inserts' });
  const health = createTelemetryClient({ url: env.CLICKHOUSE_URL, lane: 'health' });
  const writer = createWriter({ client: inserts, clock, logger, registry });
  let stopping = false;
  const readiness: Readiness = async () => {
    if (stopping) return { ready: false, reason: 'stopping' };
    if (!writer.isHealthy()) return { ready: false, reason: 'a batch waits for the telemetry store' };
    const { success } = await health.ping();
    return success ? { ready: true } : { ready: false, reason: 'the telemetry store is away' };
  };
  const { server, intake } = createCollectors({
    store: writer,
    registry,
    readiness,
    logger,
    clock,
    maxBodyBytes: env.COLLECTORS_MAX_BODY_BYTES,
    faro: {
      apps: env.FARO_APPS,
      maxBodyBytes: env.FARO_MAX_BODY_BYTES,
      rates: { app: env.FARO_APP_RATE, address: env.FARO_ADDRESS_RATE, session: env.FARO_SESSION_RATE },
    },
  });
  await listen(server, { host: env.BELLWETHER_HOST, port: env.COLLECTORS_PORT, variable: 'COLLECTORS_PORT' });
  const hasBus = env.BUS_URL !== undefined || env.KAFKA_BROKERS !== undefined;
  const bus = hasBus ? consumeBus(env, { store: writer, intake, clock, logger }) : null;
  const letters =
    hasBus && env.DATABASE_URL !== undefined
      ? watchDeadLetters(env, { databaseUrl: env.DATABASE_URL, clock, logger })
      : null;
  logger.info({ port: env.COLLECTORS_PORT, bus: hasBus }, 'ready');
  onShutdown(logger, async () => {
    stopping = true;
    // A store that is slow or away does not hold up the end: what is not acknowledged its senders send again.
    await Promise.race([
      Promise.all([closeGently(server), bus?.stop(), letters?.stop(), writer.close()]),
      delay(stopWithinMs),
    ]);
    server.closeAllConnections();
    await Promise.all([inserts.close(), health.close()]);
  });
});
