import { type JobResult, type JobWithMetadata, PgBoss } from 'pg-boss';
import type { Logger } from '#process/logger';
import type { CloudEvent } from './cloud-event.ts';
import { countSent, observeLag } from './measures.ts';
import { type Bus, defaultRetryLimit } from './port.ts';
import { eventsOnly, processMessage } from './process-message.ts';

const schema = 'pgboss';
const system = 'pg-boss';

/** How consumers of everything subscribe: they do not know what there is. */
const everyType = '*';

/** Options of every consumer queue. Done jobs are kept for a while, so that an event relayed twice is known. */
const queueOptions = {
  notify: true,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 60,
  deleteAfterSeconds: 1_800,
};

/**
 * NOTIFY wakes a worker in milliseconds, but a wake-up that finds it busy is lost; so it also looks every two seconds,
 * and without a pause while batches come back full.
 */
const workOptions = {
  batchSize: 100,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 2,
  perJobResults: true,
  includeMetadata: true,
} as const;

type Consumer = {
  queue: string;
  types: readonly string[];
  handler: (message: unknown) => Promise<void>;
  retryLimit: number;
};

/** The queue for what the consumer of `queue` could not deal with. */
export function deadQueueOf(queue: string): string {
  return `${queue}.dead`;
}

/**
 * The embedded bus: pg-boss in a PostgreSQL database of its own, whose schema it brings up to date.
 * @throws when the database cannot be reached
 */
export async function createPostgresBus({
  url,
  name,
  logger,
}: {
  url: string;
  name: string;
  logger: Logger;
}): Promise<Bus> {
  const boss = new PgBoss({
    connectionString: url,
    application_name: `${name}-bus`,
    schema,
    max: 3,
    schedule: false,
    registerInstance: false,
    useListenNotify: true,
    openTelemetry: { enabled: false },
  });
  boss.on('error', (error) => logger.warn({ err: error }, 'bus'));
  try {
    await boss.start();
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw error;
  }
  const ends: (() => void)[] = [];
  const add = async (consumer: Consumer): Promise<void> => {
    await startConsumer(boss, consumer, logger);
    ends.push(observeLag(system, consumer.queue, () => countWaiting(boss, consumer.queue)));
  };
  return {
    publish: (events) => publish(boss, events),
    consume: ({ queue, types, handler }) =>
      add({ queue, types, handler: eventsOnly(handler), retryLimit: defaultRetryLimit }),
    consumeAll: (options) => add({ ...options, types: [everyType] }),
    stop: async () => {
      for (const end of ends) end();
      await boss.stop({ graceful: true, timeout: 1_000 });
    },
  };
}

async function publish(boss: PgBoss, events: readonly CloudEvent[]): Promise<void> {
  const { rows } = await boss.getDb().executeSql(`select event, name from ${schema}.subscription`);
  const byQueue = new Map<string, CloudEvent[]>();
  for (const { event: type, name } of rows as { event: string; name: string }[]) {
    const wanted = events.filter((event) => type === everyType || event.type === type);
    if (wanted.length > 0) byQueue.set(name, [...(byQueue.get(name) ?? []), ...wanted]);
  }
  for (const [queue, wanted] of byQueue) {
    // Skips ids that the queue knows.
    await boss.insert(
      queue,
      wanted.map((event) => ({ id: event.id, data: event })),
    );
  }
  countSent(
    system,
    events.map(({ type }) => type),
  );
}

async function startConsumer(boss: PgBoss, consumer: Consumer, logger: Logger): Promise<void> {
  const { queue, types, handler, retryLimit } = consumer;
  const deadLetter = deadQueueOf(queue);
  await boss.createQueue(deadLetter, { retentionSeconds: 14 * 86_400 });
  await boss.createQueue(queue, { ...queueOptions, retryLimit, deadLetter });
  for (const type of types) await boss.subscribe(type, queue);
  const handle = async (job: JobWithMetadata<unknown>): Promise<JobResult> => {
    const delivery = { system, queue, id: job.id, message: job.data, failures: job.retryCount, retryLimit } as const;
    const verdict = await processMessage(delivery, handler, logger);
    if (verdict.kind === 'done') return { id: job.id, status: 'completed' };
    return {
      id: job.id,
      status: verdict.kind === 'dead' ? 'deadletter' : 'failed',
      output: { reason: verdict.reason },
    };
  };
  await boss.work<unknown, void, typeof workOptions>(queue, workOptions, (jobs) => Promise.all(jobs.map(handle)));
}

async function countWaiting(boss: PgBoss, queue: string): Promise<number> {
  const [stats] = await boss.getQueueStats(queue);
  return stats === undefined ? 0 : stats.queuedCount + stats.activeCount;
}
