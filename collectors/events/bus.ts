import { setTimeout as delay } from 'node:timers/promises';
import { type Job, type JobResult, PgBoss } from 'pg-boss';
import type { Logger } from '#process/logger';
import type { ReceiverContext } from '../receiver.ts';
import { Refusal } from '../refusal.ts';
import { toEventRow } from './cloud-event.ts';

const queue = 'collectors.events';
const deadLetterQueue = `${queue}.dead`;

/** The publishers' wildcard: events of every type. */
const everyType = '*';

/** Events are kept for a day of retries while the store is away; done jobs for half an hour, to know a second delivery. */
const queueOptions = {
  notify: true,
  retryLimit: 1_000,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 60,
  deleteAfterSeconds: 1_800,
};

// A wake-up by NOTIFY that finds the worker busy is lost: so it also looks every two seconds, and at once after a full batch.
const workOptions = {
  batchSize: 200,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 2,
  perJobResults: true,
} as const;

type BusContext = Pick<ReceiverContext, 'store' | 'intake' | 'clock'> & { logger: Logger };

/** Pause before another attempt to reach the bus, ms. */
const reconnectMs = 2_000;

/**
 * Consumes the shop's events from the bus into the store; a job is done only once its event is stored. A bus that is away
 * at the start is tried again and again: telemetry must not wait for it.
 * @param url of the bus's Postgres database
 * @returns how to stop: waits for the batch at hand
 */
export function consumeBus(url: string, context: BusContext): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const started = connect(url, context, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      const boss = await started;
      await boss?.stop({ graceful: true, timeout: 2_000 });
    },
  };
}

async function connect(url: string, context: BusContext, stopping: AbortSignal): Promise<PgBoss | null> {
  while (!stopping.aborted) {
    const boss = new PgBoss({
      connectionString: url,
      application_name: 'collectors-bus',
      max: 2,
      schedule: false,
      registerInstance: false,
      useListenNotify: true,
    });
    boss.on('error', (error) => context.logger.warn({ err: error }, 'bus'));
    try {
      await boss.start();
      await subscribe(boss, context);
      return boss;
    } catch (error) {
      context.logger.warn({ err: error }, 'the bus cannot be reached yet');
      await boss.stop({ graceful: false }).catch(() => undefined);
      await delay(reconnectMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
  return null;
}

async function subscribe(boss: PgBoss, context: BusContext): Promise<void> {
  await boss.createQueue(deadLetterQueue, { retentionSeconds: 14 * 86_400 });
  await boss.createQueue(queue, { ...queueOptions, deadLetter: deadLetterQueue });
  await boss.subscribe(everyType, queue);
  await boss.work<unknown, void, typeof workOptions>(queue, workOptions, (jobs) =>
    Promise.all(jobs.map((job) => storeJob(job, context))),
  );
}

async function storeJob(job: Job<unknown>, { store, intake, clock, logger }: BusContext): Promise<JobResult> {
  intake.received('events', JSON.stringify(job.data).length);
  const startedAtMs = performance.now();
  try {
    await store.appendEvents([toEventRow(job.data, clock())]);
    intake.accepted('events', 1, (performance.now() - startedAtMs) / 1_000);
    return { id: job.id, status: 'completed' };
  } catch (error) {
    if (error instanceof Refusal) {
      intake.refused('events', error.reason);
      logger.error({ jobId: job.id, detail: error.message }, 'not a CloudEvent: dead-lettered');
      return { id: job.id, status: 'deadletter', output: { reason: error.message } };
    }
    intake.refused('events', 'store_away');
    logger.warn({ err: error, jobId: job.id }, 'event not stored: it will be tried again');
    return {
      id: job.id,
      status: 'failed',
      output: { message: error instanceof Error ? error.message : String(error) },
    };
  }
}
