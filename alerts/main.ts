import { randomUUID } from 'node:crypto';
import { createPrismaClient, type PrismaClient } from '#prisma/client';
import { createHealthServer, createRegistry, listen } from '#process/health';
import { createLogger, type Logger } from '#process/logger';
import { onShutdown, runMain } from '#process/shutdown';
import { createTelemetryClient, type TelemetryClient } from '#telemetry/client';
import { countSpansByBatch, listSpanServices } from '#telemetry/queries/detection';
import { readRecentSamples } from '#telemetry/queries/recent-samples';
import { readErrorTraces, readSlowTraces } from '#telemetry/queries/recent-traces';
import { type AlertsEnv, readEnv } from './env.ts';
import { createLoop, type Loop } from './evaluation/loop.ts';
import type { TelemetryQueries } from './evaluation/queries.ts';
import { holdLease, type Lease } from './lease.ts';
import { type AlertsMetrics, createMetrics } from './metrics.ts';
import { createConsoleReceiver } from './notify/console.ts';
import { createDispatcher, type Delivery } from './notify/dispatcher.ts';
import type { Receiver } from './notify/receiver.ts';
import { createWebhookReceiver } from './notify/webhook.ts';
import { createSloSource } from './slo/watch.ts';

const tickMs = 1_000;
const staleMs = 60_000;

runMain('alerts', async () => {
  const env = readEnv();
  const logger = createLogger('alerts');
  const prisma = createPrismaClient({ databaseUrl: env.DATABASE_URL });
  const telemetry = createTelemetryClient({ url: env.CLICKHOUSE_URL, lane: 'alerts' });
  const queries = createQueries(telemetry);
  const receivers = createReceivers(env);
  const progress = { evaluatedToMs: Date.now(), lastTickMs: 0 };
  const registry = createRegistry('alerts');
  const metrics = createMetrics(registry, () => (Date.now() - progress.evaluatedToMs) / 1_000);
  const dispatcher = createDispatcher({
    prisma,
    receivers,
    clock: Date.now,
    random: Math.random,
    logger,
    onDelivery: (delivery) => recordDelivery(prisma, metrics, delivery, logger),
  });
  const loop = createLoop({
    prisma,
    queries,
    slos: createSloSource({
      pattern: env.BELLWETHER_SLO_GLOB,
      listSpanServices: queries.listSpanServices,
      known: await listAutomatic(prisma),
      onProblem: (error) => logger.warn({ err: error }, 'services that send spans cannot be listed'),
    }),
    addressees: { receivers: receivers.map(({ name }) => name), consoleUrl: env.BELLWETHER_CONSOLE_URL },
    promisedSeconds: env.BELLWETHER_FALSE_ALARM_DAYS * 86_400,
    clock: Date.now,
    newId: randomUUID,
    logger,
    onCommitted: ({ room, objectives, notifications }) => {
      progress.evaluatedToMs = room.watermarkMs ?? progress.evaluatedToMs;
      metrics.committed(room, objectives, Date.now());
      if (notifications > 0) dispatcher.kick();
    },
    onFailed: metrics.failed,
  });
  const commands = (): void => {
    loop.handleCommands().catch((error: unknown) => {
      metrics.failed('commands');
      logger.error({ err: error }, 'commands wait: they cannot be handled now');
    });
  };
  const lease = holdLease({ databaseUrl: env.DATABASE_URL, logger, onAcquired: loop.forget, onCommand: commands });
  const ticking = keepTicking({
    loop,
    lease,
    metrics,
    logger,
    onTick: () => (progress.lastTickMs = Date.now()),
    commands,
  });
  const server = createHealthServer({
    registry,
    readiness: () =>
      Date.now() - progress.lastTickMs < staleMs
        ? { ready: true }
        : { ready: false, reason: lease.isHeld() ? 'no evaluation yet or for a minute' : 'waiting for the lease' },
  });
  await listen(server, { host: env.BELLWETHER_HOST, port: env.ALERTS_PORT, variable: 'ALERTS_PORT' });
  logger.info({ port: env.ALERTS_PORT, receivers: receivers.map(({ name }) => name) }, 'alerts listens');
  onShutdown(logger, async () => {
    server.close();
    await ticking.stop();
    await dispatcher.stop();
    await lease.stop();
    await Promise.all([prisma.$disconnect(), telemetry.close()]);
  });
});

/** What evaluation asks, answered by the telemetry store. */
function createQueries(telemetry: TelemetryClient): TelemetryQueries {
  return {
    countSpansByBatch: (params) => countSpansByBatch(telemetry, params),
    // A stale marker ends a series; it is no value to count with.
    readRecentSamples: async (params) =>
      (await readRecentSamples(telemetry, params)).flatMap((row) =>
        row.value === null ? [] : [{ ...row, value: row.value }],
      ),
    readErrorTraces: (params) => readErrorTraces(telemetry, params),
    readSlowTraces: (params) => readSlowTraces(telemetry, params),
    listSpanServices: (params) => listSpanServices(telemetry, params),
  };
}

function createReceivers(env: AlertsEnv): Receiver[] {
  const console = createConsoleReceiver({
    consoleUrl: env.BELLWETHER_CONSOLE_URL,
    token: env.BELLWETHER_PAGER_TOKEN,
  });
  return env.BELLWETHER_WEBHOOK_URL === undefined
    ? [console]
    : [console, createWebhookReceiver({ url: env.BELLWETHER_WEBHOOK_URL })];
}

/** One tick a second while the lease is held; without a pause while there is something to catch up with. */
function keepTicking({
  loop,
  lease,
  metrics,
  logger,
  onTick,
  commands,
}: {
  loop: Loop;
  lease: Lease;
  metrics: AlertsMetrics;
  logger: Logger;
  onTick: () => void;
  commands: () => void;
}): { stop: () => Promise<void> } {
  let stopped = false;
  let ticks = 0;
  async function run(): Promise<void> {
    while (!stopped) {
      const startedMs = Date.now();
      let behindMs = 0;
      if (lease.isHeld()) {
        try {
          ({ behindMs } = await loop.tick());
          metrics.ticked('ok', (Date.now() - startedMs) / 1_000);
          onTick();
        } catch (error) {
          metrics.ticked('failed', (Date.now() - startedMs) / 1_000);
          logger.error({ err: error }, 'evaluation failed; it is done again from the last commit');
        }
        ticks += 1;
        // A command whose NOTIFY was lost (a failed try, a reconnect) is found within seconds.
        if (ticks % 5 === 0) commands();
      }
      const waitMs = behindMs > tickMs * 5 ? 0 : tickMs - (Date.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, Math.max(10, waitMs)));
    }
  }
  const running = run();
  return {
    stop: () => {
      stopped = true;
      return running;
    },
  };
}

/** Services with an automatic SLO that were heard of within a day: a restart must not forget a silent one's alert. */
async function listAutomatic(prisma: PrismaClient): Promise<string[]> {
  const since = new Date(Date.now() - 86_400_000);
  const rows = await prisma.slo.findMany({
    where: { automatic: true, active: true, state: { lastEventAt: { gt: since } } },
    select: { service: true },
  });
  return rows.map(({ service }) => service);
}

function recordDelivery(prisma: PrismaClient, metrics: AlertsMetrics, delivery: Delivery, logger: Logger): void {
  metrics.delivered(delivery);
  if (delivery.outcome !== 'accepted' || delivery.status !== 'firing') return;
  prisma.fault.findUnique({ where: { id: delivery.faultId } }).then(
    (fault) => {
      if (fault === null) return;
      metrics.paged({
        onsetMs: fault.onsetAt.getTime(),
        storedMs: fault.storedAt?.getTime() ?? null,
        evaluatedMs: fault.evaluatedAt?.getTime() ?? null,
        pendingMs: fault.pendingAt?.getTime() ?? null,
        firingMs: fault.firingAt.getTime(),
        sentMs: fault.sentAt?.getTime() ?? null,
        acceptedMs: fault.acceptedAt?.getTime() ?? null,
      });
    },
    (error: unknown) => logger.warn({ err: error }, 'the ledger cannot be read'),
  );
}
