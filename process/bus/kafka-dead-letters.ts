import { randomUUID } from 'node:crypto';
import type { IHeaders, Message } from 'kafkajs';
import { z } from 'zod';
import { type DeadLetter, type DeadLetters, mostLetters, sortLetters } from './dead-letters.ts';
import { connectKafka, type KafkaConnection, type KafkaMessage, type KafkaOptions } from './kafka-connection.ts';
import { deadTopicOf, deadTopicPrefix, retryTopicOf, trialHeaders } from './kafka-message.ts';

/** The message as it was, so that it can be replayed, under what is told of it. */
const storedSchema = z.object({
  letter: z.object({
    id: z.string(),
    queue: z.string(),
    reason: z.string(),
    attempts: z.number(),
    at: z.string(),
    event: z.unknown(),
  }),
  original: z.object({
    key: z.string().nullable(),
    value: z.string().nullable(),
    headers: z.record(z.string(), z.string()),
  }),
});
type Stored = z.infer<typeof storedSchema>;

export function toDeadMessage(letter: DeadLetter, { key, value, headers = {} }: KafkaMessage): Message {
  const texts = Object.entries(headers).map(([name, each]) => [name, String([each].flat()[0])]);
  const original = {
    key: key?.toString() ?? null,
    value: value?.toString() ?? null,
    headers: Object.fromEntries(texts),
  };
  return { key: letter.id, value: JSON.stringify({ letter, original } satisfies Stored) };
}

/** Dead letters on Apache Kafka. Connects on first use. */
export function openKafkaDeadLetters(options: KafkaOptions): DeadLetters {
  const connection = connectKafka(options);
  const queues = async (): Promise<string[]> => {
    const topics = await (await connection.admin()).listTopics();
    const names = topics
      .filter((topic) => topic.startsWith(deadTopicPrefix))
      .map((topic) => topic.slice(deadTopicPrefix.length));
    return names.sort();
  };
  const read = async (names: readonly string[]): Promise<Map<string, Stored>> => {
    const found = new Map<string, Stored>();
    for (const name of names)
      for (const [id, each] of await readTopic(connection, deadTopicOf(name))) found.set(`${name} ${id}`, each);
    return found;
  };
  return {
    queues,
    list: async (queue) => {
      const stored = await read(queue === undefined ? await queues() : [queue]);
      return sortLetters([...stored.values()].map(({ letter }): DeadLetter => ({ ...letter })));
    },
    replay: async (letters) => {
      const stored = await read([...new Set(letters.map(({ queue }) => queue))]);
      const chosen = letters.flatMap(({ queue, id }) => stored.get(`${queue} ${id}`) ?? []);
      for (const each of chosen) await replay(connection, each);
      return chosen.length;
    },
    stop: connection.stop,
  };
}

/** To the consumer first: killed in between, it is replayed twice rather than lost. */
async function replay(connection: KafkaConnection, { letter, original }: Stored): Promise<void> {
  const headers: IHeaders = { ...original.headers, ...trialHeaders({ failures: 0, dueMs: 0 }) };
  await connection.send([
    { topic: retryTopicOf(letter.queue), messages: [{ key: original.key, value: original.value, headers }] },
  ]);
  await connection.send([{ topic: deadTopicOf(letter.queue), messages: [{ key: letter.id, value: null }] }]);
}

/** A topic's last word for each key, oldest first. */
async function readTopic(connection: KafkaConnection, topic: string): Promise<Map<string, Stored>> {
  const admin = await connection.admin();
  const [end] = await admin.fetchTopicOffsets(topic);
  const found = new Map<string, Stored>();
  if (end === undefined || end.high === end.low) return found;
  const groupId = `bellwether-dead-letters-${randomUUID()}`;
  const consumer = connection.kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      // Compaction leaves holes, at the end too: a batch counts by where the next begins.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (BigInt(payload.lastOffset) + 1n >= BigInt(end.high)) resolve();
      });
      consumer
        .run({ autoCommit: false, eachMessage: async ({ message }) => keep(found, message) })
        .catch((error: unknown) => reject(error));
    });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
  }
  return new Map([...found].slice(-mostLetters));
}

function keep(found: Map<string, Stored>, { key, value }: KafkaMessage): void {
  const id = key?.toString() ?? '';
  found.delete(id);
  if (value === null) return;
  const parsed = storedSchema.safeParse(JSON.parse(value.toString('utf8')));
  if (parsed.success) found.set(id, parsed.data);
}
