import type { KafkaMessage } from 'kafkajs';
import { connectKafka, type KafkaConnection, type KafkaOptions, type TopicSpec } from './kafka-connection.ts';
import { stayInGroup } from './kafka-consumer.ts';
import { toDeadMessage } from './kafka-dead-letters.ts';
import {
  deadTopicOf,
  eventTopicPrefix,
  fromKafkaMessage,
  readTrial,
  retryTopicOf,
  toKafkaMessage,
  trialHeaders,
} from './kafka-message.ts';
import { countSent, observeLag } from './measures.ts';
import { type Bus, defaultRetryLimit, retryDelayMs } from './port.ts';
import { eventsOnly, processMessage, type Verdict } from './process-message.ts';

const system = 'kafka';

/** Kept for two weeks, of each event the last word: that it was given up, or that it was replayed. */
const deadSettings = { 'cleanup.policy': 'compact,delete', 'retention.ms': String(14 * 86_400_000) };

function ownTopicsOf(queue: string): TopicSpec[] {
  return [
    { topic: retryTopicOf(queue), partitions: 3 },
    { topic: deadTopicOf(queue), partitions: 1, settings: deadSettings },
  ];
}

type Consumer = {
  queue: string;
  /** Null: all there are. */
  types: readonly string[] | null;
  handler: (message: unknown) => Promise<void>;
  retryLimit: number;
};

/**
 * The bus on Apache Kafka: a topic per event type, a consumer group per queue. What fails goes to the queue's retry topic
 * and in the end to its dead-letter topic, so that it never holds up its partition. Nothing is connected before it is
 * needed, and brokers that are away are tried again for ever: who publishes is told, who consumes waits.
 */
export function createKafkaBus(options: KafkaOptions): Bus {
  const connection = connectKafka(options);
  const ends: (() => Promise<void> | void)[] = [];
  const add = (consumer: Consumer): void => {
    const { queue } = consumer;
    const topics = (): Promise<string[]> => listTopics(connection, consumer);
    ends.push(
      observeLag(system, queue, async () => countWaiting(connection, queue, await topics())),
      stayInGroup({
        ...{ connection, queue, topics, logger: options.logger },
        topicsMayChange: consumer.types === null,
        deal: (topic, partition, message) => deal({ connection, consumer, options }, { topic, partition, message }),
      }),
    );
  };
  return {
    publish: async (events) => {
      const byType = Map.groupBy(events, ({ type }) => type);
      const topics = [...byType].map(([type, same]) => ({
        topic: eventTopicPrefix + type,
        messages: same.map(toKafkaMessage),
      }));
      await connection.ensureTopics(topics.map(({ topic }) => ({ topic })));
      await connection.send(topics);
      countSent(
        system,
        events.map(({ type }) => type),
      );
    },
    consume: async ({ queue, types, handler }) =>
      add({ queue, types, handler: eventsOnly(handler), retryLimit: defaultRetryLimit }),
    consumeAll: async (all) => add({ ...all, types: null }),
    stop: async () => {
      await Promise.all(ends.map((end) => end()));
      await connection.stop();
    },
  };
}

/** The topics that a consumer reads, which are there afterwards. */
async function listTopics(connection: KafkaConnection, { queue, types }: Consumer): Promise<string[]> {
  const events =
    types === null
      ? (await (await connection.admin()).listTopics()).filter((topic) => topic.startsWith(eventTopicPrefix))
      : types.map((type) => eventTopicPrefix + type);
  await connection.ensureTopics([...events.map((topic) => ({ topic })), ...ownTopicsOf(queue)]);
  return [...events, retryTopicOf(queue)];
}

type Received = { topic: string; partition: number; message: KafkaMessage };

/** Deals with a message, or puts it off or aside. @throws when it can be put nowhere: it comes again */
async function deal(
  { connection, consumer, options }: { connection: KafkaConnection; consumer: Consumer; options: KafkaOptions },
  { topic, partition, message }: Received,
): Promise<void> {
  const { queue, handler, retryLimit } = consumer;
  const { failures } = readTrial(message.headers);
  const content = fromKafkaMessage(message);
  const id = idOf(content) ?? `${topic}/${partition}/${message.offset}`;
  const delivery = { system, queue, id, message: content, failures, retryLimit } as const;
  const verdict: Verdict = await processMessage(delivery, handler, options.logger);
  if (verdict.kind === 'done') return;
  const again = failures + 1;
  if (verdict.kind === 'dead') {
    const letter = { id, queue, reason: verdict.reason, attempts: again, at: new Date().toISOString(), event: content };
    await connection.send([{ topic: deadTopicOf(queue), messages: [toDeadMessage(letter, message)] }]);
    return;
  }
  const trial = trialHeaders({ failures: again, dueMs: Date.now() + retryDelayMs(again) });
  const { key, value, headers } = message;
  const later = { key, value, headers: { ...headers, ...trial } };
  await connection.send([{ topic: retryTopicOf(queue), messages: [later] }]);
}

function idOf(content: unknown): string | undefined {
  if (typeof content !== 'object' || content === null || !('id' in content)) return undefined;
  return typeof content.id === 'string' ? content.id : undefined;
}

/** Messages behind the last that the group has committed. */
async function countWaiting(connection: KafkaConnection, queue: string, topics: string[]): Promise<number> {
  const admin = await connection.admin();
  const committed = await admin.fetchOffsets({ groupId: queue, topics });
  const waiting = await Promise.all(
    committed.map(async ({ topic, partitions }) => {
      const ends = await admin.fetchTopicOffsets(topic);
      return ends.map(({ partition, high, low }) => {
        const offset = Number(partitions.find((each) => each.partition === partition)?.offset ?? -1);
        return Number(high) - Math.max(offset, Number(low));
      });
    }),
  );
  return waiting.flat().reduce((sum, count) => sum + count, 0);
}
