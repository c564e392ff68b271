import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Logger } from '#process/logger';
import type { KafkaConnection } from './kafka-connection.ts';
import { readTrial } from './kafka-message.ts';

export type GroupOptions = {
  connection: KafkaConnection;
  /** The consumer group. */
  queue: string;
  /** What to read now; asked again every few seconds when it may change. */
  topics: () => Promise<readonly string[]>;
  topicsMayChange: boolean;
  /** Deals with a message for good: what cannot be dealt with is put aside somewhere. Rejected: it comes again. */
  deal: (topic: string, partition: number, message: KafkaMessage) => Promise<void>;
  logger: Logger;
};

/** Pause before joining again, and between two looks for new topics, in milliseconds. */
const rejoinMs = 1_000;
const lookMs = 5_000;

/** Messages under way at once in a partition; those with the same key are dealt with one after the other. */
const chunkSize = 100;

/** Stays in a consumer group until stopped, whatever happens to the brokers. @returns how to stop */
export function stayInGroup(options: GroupOptions): () => Promise<void> {
  const stopping = new AbortController();
  const done = rejoinUntil(stopping.signal, options);
  return async () => {
    stopping.abort();
    await done;
  };
}

async function rejoinUntil(stopping: AbortSignal, options: GroupOptions): Promise<void> {
  const { queue, logger } = options;
  while (!stopping.aborted) {
    try {
      await takePart(stopping, options);
    } catch (error) {
      logger.warn({ err: error, queue }, 'the bus cannot be reached: it is tried again');
    }
    if (!stopping.aborted) await pause(rejoinMs, stopping);
  }
}

/** Until stopped, thrown out, or other topics are to be read. */
async function takePart(stopping: AbortSignal, options: GroupOptions): Promise<void> {
  const { connection, queue, topicsMayChange } = options;
  const topics = await options.topics();
  if (topics.length === 0) return;
  const consumer = connection.kafka.consumer({
    groupId: queue,
    sessionTimeout: 10_000,
    heartbeatInterval: 1_000,
    maxWaitTimeInMs: 500,
    // A crash ends this membership; rejoinUntil makes another, with topics and metadata read anew.
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
  });
  const ended = new AbortController();
  consumer.on(consumer.events.CRASH, () => ended.abort());
  const either = AbortSignal.any([stopping, ended.signal]);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await run(consumer, options);
    while (!either.aborted) {
      await pause(lookMs, either);
      if (topicsMayChange && !either.aborted && (await options.topics()).length !== topics.length) return;
    }
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

async function run(consumer: Consumer, { deal }: GroupOptions): Promise<void> {
  await consumer.run({
    eachBatchAutoResolve: false,
    autoCommitInterval: 1_000,
    partitionsConsumedConcurrently: 6,
    eachBatch: async (payload) => dealWithBatch(payload, deal),
  });
}

async function dealWithBatch(payload: EachBatchPayload, deal: GroupOptions['deal']): Promise<void> {
  const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
  const { topic, partition } = batch;
  for (let from = 0; from < batch.messages.length; from += chunkSize) {
    if (!isRunning() || isStale()) return;
    const chunk = batch.messages.slice(from, from + chunkSize);
    const due = chunk.slice(0, countDue(chunk));
    const chains = Map.groupBy(due, ({ key }) => key?.toString() ?? '');
    const deadline = keepAlive(heartbeat);
    try {
      await Promise.all(
        [...chains.values()].map((chain) => inOrder(chain, (message) => deal(topic, partition, message))),
      );
    } finally {
      deadline();
    }
    const last = due.at(-1);
    if (last !== undefined) resolveOffset(last.offset);
    const early = chunk[due.length];
    if (early === undefined) continue;
    const resume = payload.pause();
    setTimeout(resume, Math.max(0, readTrial(early.headers).dueMs - Date.now())).unref();
    return;
  }
  await heartbeat();
}

/** How many at the head of a chunk are due: those that were put off wait for their time, and all behind them. */
function countDue(chunk: readonly KafkaMessage[]): number {
  const nowMs = Date.now();
  const early = chunk.findIndex(({ headers }) => readTrial(headers).dueMs > nowMs);
  return early === -1 ? chunk.length : early;
}

async function inOrder<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (const item of items) await work(item);
}

/** A handler that takes long must not cost the membership. @returns how to end it */
function keepAlive(heartbeat: () => Promise<void>): () => void {
  const timer = setInterval(() => void heartbeat().catch(() => undefined), 2_000);
  return () => clearInterval(timer);
}
