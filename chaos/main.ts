import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPrismaClient } from '#prisma/client';
import { createHealthServer, createRegistry, listen } from '#process/health';
import { createLogger } from '#process/logger';
import { listenToPostgres } from '#process/postgres-listener';
import { onShutdown, runMain } from '#process/shutdown';
import { serviceNames } from '#services/topology';
import { createCommandHandler } from './commands.ts';
import { createLoadControl } from './drills/shoppers.ts';
import { bePatient, createDrillStore } from './drills/store.ts';
import { readEnv } from './env.ts';
import { createActuator } from './faults/actuator.ts';
import { createController, leaseSeconds } from './faults/controller.ts';
import { createInjectionStore } from './faults/store.ts';
import { createMetrics } from './metrics.ts';
import { createService } from './service.ts';

runMain('chaos', async () => {
  const env = readEnv();
  const logger = createLogger('chaos');
  const registry = createRegistry('chaos');
  const now = Date.now;
  const prisma = createPrismaClient({ databaseUrl: env.databaseUrl });
  const metrics = createMetrics(registry, () => controller.active());
  const injections = createInjectionStore(prisma);
  const actuator = createActuator({ ...env, leaseSeconds });
  const controller = createController({ store: injections, actuator, metrics, logger, now, sleep });
  const changes = new EventEmitter().setMaxListeners(0);
  const drillStore = bePatient(createDrillStore(prisma, now), (ms) => sleep(ms));
  const commands = createCommandHandler({
    prisma,
    injections,
    controller,
    logger,
    now,
    enabled: env.enabled,
    drills: {
      store: drillStore,
      controller,
      setLoad: createLoadControl(env.shoppersUrl),
      isRelated: (service) => (serviceNames as string[]).includes(service),
      metrics,
      logger,
      now,
      pause: createPause(changes),
    },
  });
  const service = createService({
    controller,
    commands,
    drills: drillStore,
    logger,
    isLeader: () => listener.connected(),
  });
  const listener = listenToPostgres({
    databaseUrl: env.databaseUrl,
    lock: 'bellwether chaos',
    channels: ['chaos_commands', 'faults'],
    onNotification: (channel) => (channel === 'faults' ? changes.emit('change') : service.wake()),
    logger,
    sleep: (ms) => sleep(ms),
  });
  const readiness = () => (listener.connected() ? service.readiness() : { ready: false, reason: 'PostgreSQL is away' });
  const server = createHealthServer({ registry, readiness });
  await listen(server, { host: env.host, port: env.port, variable: 'CHAOS_PORT' });
  logger.info({ port: env.port, enabled: env.enabled }, 'chaos listens');
  onShutdown(logger, async () => {
    await service.close();
    server.close();
    await listener.close();
    await prisma.$disconnect();
  });
});

/** Waits for a time, or until something changes, whichever comes first. */
function createPause(changes: EventEmitter): (ms: number, signal?: AbortSignal) => Promise<void> {
  return (ms, signal) =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        changes.off('change', settle);
        signal?.removeEventListener('abort', settle);
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      };
      const timer = setTimeout(settle, ms);
      changes.once('change', settle);
      if (signal?.aborted) settle();
      else signal?.addEventListener('abort', settle);
    });
}
