import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type Job, type JobResult, PgBoss } from 'pg-boss';
import type { Logger } from '#process/logger';
import { type CloudEvent, cloudEventSchema } from './cloud-event.ts';

export type Bus = {
  /** Hands events to the queue of every consumer of their type; idempotent by event id. */
  publish: (events: CloudEvent[]) => Promise<void>;
  /** Calls the handler for each event of the types. Rejected: tried again with back-off, in the end dead-lettered. */
  consume: (options: ConsumeOptions) => Promise<void>;
  stop: () => Promise<void>;
};

export type ConsumeOptions = {
  /** Name of the consumer's queue; the dead-letter queue is `<queue>.dead`. */
  queue: string;
  types: readonly string[];
  /** Delivered at least once: be idempotent (see `markSeen`). */
  handler: (event: CloudEvent) => Promise<void>;
};

const schema = 'pgboss';
const tracer = trace.getTracer('bellwether/bus');

/** Options of every consumer queue. Done jobs are kept for a while, so that an event relayed twice is known. */
const queueOptions = {
  notify: true,
  retryLimit: 8,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 60,
  deleteAfterSeconds: 1_800,
};

/** Connects to the bus (pg-boss in its own database) and brings its schema up to date. */
export async function createBus({ url, name, logger }: { url: string; name: string; logger: Logger }): Promise<Bus> {
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
  await boss.start();
  return {
    publish: (events) => publish(boss, events),
    consume: (options) => consume(boss, options, logger),
    stop: () => boss.stop({ graceful: true, timeout: 1_000 }),
  };
}

async function publish(boss: PgBoss, events: CloudEvent[]): Promise<void> {
  const { rows } = await boss.getDb().executeSql(`select event, name from ${schema}.subscription`);
  const byQueue = new Map<string, CloudEvent[]>();
  for (const { event: type, name } of rows as { event: string; name: string }[]) {
    // '*' is how the collectors ask for all there is, without knowing what there is.
    const wanted = events.filter((event) => type === '*' || event.type === type);
    if (wanted.length > 0) byQueue.set(name, [...(byQueue.get(name) ?? []), ...wanted]);
  }
  for (const [queue, wanted] of byQueue) {
    // Skips ids that the queue knows.
    await boss.insert(
      queue,
      wanted.map((event) => ({ id: event.id, data: event })),
    );
  }
}

async function consume(boss: PgBoss, { queue, types, handler }: ConsumeOptions, logger: Logger): Promise<void> {
  const deadLetter = `${queue}.dead`;
  await boss.createQueue(deadLetter, { retentionSeconds: 14 * 86_400 });
  await boss.createQueue(queue, { ...queueOptions, deadLetter });
  for (const type of types) await boss.subscribe(type, queue);
  await boss.work<unknown, void, typeof workOptions>(queue, workOptions, async (jobs) =>
    Promise.all(jobs.map((job) => handleJob({ job, queue, handler, logger }))),
  );
}

/**
 * NOTIFY wakes a worker in milliseconds, but a wake-up that finds it busy is lost; so it also looks every two seconds,
 * and without a pause while batches come back full.
 */
const workOptions = {
  batchSize: 50,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 2,
  perJobResults: true,
} as const;

type JobContext = { job: Job<unknown>; queue: string; handler: ConsumeOptions['handler']; logger: Logger };

async function handleJob({ job, queue, handler, logger }: JobContext): Promise<JobResult> {
  const parsed = cloudEventSchema.safeParse(job.data);
  if (!parsed.success) {
    logger.error({ queue, jobId: job.id }, 'not a CloudEvent: dead-lettered');
    return { id: job.id, status: 'deadletter', output: { reason: parsed.error.message } };
  }
  const event = parsed.data;
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent: event.traceparent });
  const attributes = {
    'messaging.system': 'pg-boss',
    'messaging.operation.type': 'process',
    'messaging.destination.name': queue,
    'messaging.message.id': event.id,
    'cloudevents.event_type': event.type,
  };
  const span = tracer.startSpan(`process ${event.type}`, { kind: SpanKind.CONSUMER, attributes }, parent);
  return context.with(trace.setSpan(parent, span), async (): Promise<JobResult> => {
    try {
      await handler(event);
      return { id: job.id, status: 'completed' };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      span.recordException(error instanceof Error ? error : message);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      logger.warn({ err: error, queue, eventId: event.id, attempt: job.retryCount }, 'event not handled');
      return { id: job.id, status: 'failed', output: { message } };
    } finally {
      span.end();
    }
  });
}
