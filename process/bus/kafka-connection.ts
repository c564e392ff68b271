import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, type KafkaMessage, logLevel, type Producer, type ProducerRecord } from 'kafkajs';
import type { Logger } from '#process/logger';

export type KafkaOptions = { brokers: readonly string[]; name: string; logger: Logger };

/** A client, a producer and an admin that are connected on first use, and anew after a failure. */
export type KafkaConnection = {
  kafka: Kafka;
  /** Acknowledged by all replicas that are in sync, or rejected. */
  send: (records: ProducerRecord[]) => Promise<void>;
  /** @throws when no broker answers */
  admin: () => Promise<Admin>;
  /** Creates what is missing of the topics; those that it knows cost nothing. */
  ensureTopics: (topics: readonly TopicSpec[]) => Promise<void>;
  stop: () => Promise<void>;
};

export type TopicSpec = { topic: string; partitions?: number; settings?: Record<string, string> };

/** Partitions of an event's topic: as many instances of a consumer can share it. */
const defaultPartitions = 6;

const metadataTries = 20;
const metadataPauseMs = 100;

/** A relay holds a transaction while it publishes: rather fail soon and come again. */
const retry = { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000 };

export function connectKafka({ brokers, name }: Omit<KafkaOptions, 'logger'>): KafkaConnection {
  const kafka = new Kafka({
    clientId: name,
    brokers: [...brokers],
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry,
    // What it cannot deal with itself it throws, to who can say what that means.
    logLevel: logLevel.NOTHING,
  });
  // One request at a time: otherwise the sequence numbers of an idempotent producer can come out of order.
  const producer = reconnecting<Producer>(() =>
    kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, retry }),
  );
  const admin = reconnecting<Admin>(() => kafka.admin({ retry }));
  const known = new Set<string>();
  return {
    kafka,
    send: async (topicMessages) => {
      const connected = await producer.get();
      try {
        await connected.sendBatch({ topicMessages, acks: -1 });
      } catch (error) {
        // Its place in the sequence may not be the broker's any more.
        await producer.drop();
        for (const { topic } of topicMessages) known.delete(topic);
        throw error;
      }
    },
    admin: admin.get,
    ensureTopics: async (topics) => {
      const unknown = topics.filter(({ topic }) => !known.has(topic));
      if (unknown.length === 0) return;
      const connected = await admin.get();
      await connected.createTopics({
        waitForLeaders: false,
        topics: unknown.map(({ topic, partitions = defaultPartitions, settings = {} }) => ({
          topic,
          numPartitions: partitions,
          configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
        })),
      });
      await waitForTopics(
        connected,
        unknown.map(({ topic }) => topic),
      );
      for (const { topic } of unknown) known.add(topic);
    },
    stop: async () => {
      await Promise.all([producer.drop(), admin.drop()]);
    },
  };
}

/** A broker learns of a new topic a moment after the controller has made it, and until then knows nothing of it. */
async function waitForTopics(admin: Admin, topics: string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics });
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (attempt === metadataTries) throw error;
    }
    if (attempt === metadataTries) throw new Error(`${topics.join(', ')}: no broker leads them`);
    await delay(metadataPauseMs);
  }
}

type Connectable = { connect: () => Promise<void>; disconnect: () => Promise<void> };

function reconnecting<Client extends Connectable>(
  create: () => Client,
): { get: () => Promise<Client>; drop: () => Promise<void> } {
  let current: Promise<Client> | undefined;
  const connect = async (): Promise<Client> => {
    const client = create();
    await client.connect();
    return client;
  };
  const get = (): Promise<Client> => {
    current ??= connect().catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
  const drop = async (): Promise<void> => {
    const dropped = current;
    current = undefined;
    await dropped?.then((client) => client.disconnect()).catch(() => undefined);
  };
  return { get, drop };
}

export type { KafkaMessage };
