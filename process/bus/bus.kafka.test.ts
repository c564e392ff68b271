import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestKafka, type TestKafka } from '#cli/embedded/test-kafka';
import { createLogger } from '#process/logger';
import type { DeadLetters } from './dead-letters.ts';
import { createKafkaBus } from './kafka.ts';
import { openKafkaDeadLetters } from './kafka-dead-letters.ts';
import type { Bus } from './port.ts';
import { describeBus, newEvent } from './test-contract.ts';

const logger = createLogger('test');
logger.level = 'silent';
const patient = { timeout: 60_000 };
let kafka: TestKafka;
let bus: Bus;
let letters: DeadLetters;
const openBus = async (): Promise<Bus> => createKafkaBus({ brokers: kafka.brokers, name: 'test', logger });

beforeAll(async () => {
  kafka = await startTestKafka();
  bus = await openBus();
  letters = openKafkaDeadLetters({ brokers: kafka.brokers, name: 'test', logger });
});

afterAll(async () => {
  await letters?.stop();
  await bus?.stop();
  await kafka?.stop();
});

function connect(): Kafka {
  return new Kafka({ clientId: 'stranger', brokers: kafka.brokers, logLevel: logLevel.NOTHING });
}

describe('the bus on Apache Kafka', () => {
  const interrupt = async (): Promise<void> => {
    await kafka.kill();
    await kafka.restart();
  };
  describeBus({ bus: () => bus, openBus, deadLetters: () => letters, interrupt });

  test('a message is a CloudEvent of the binary mode, keyed by its subject', async () => {
    const event = {
      ...newEvent('t.wire', 'order-1', { n: 1 }),
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    };
    await bus.publish([event]);
    const consumer = connect().consumer({ groupId: 'stranger' });
    await consumer.connect();
    await consumer.subscribe({ topics: ['events.t.wire'], fromBeginning: true });
    const seen: { key: string; value: string; headers: Record<string, string> }[] = [];
    await consumer.run({
      eachMessage: async ({ message: { key, value, headers = {} } }) => {
        const texts = Object.entries(headers).map(([name, text]) => [name, String(text)]);
        seen.push({ key: String(key), value: String(value), headers: Object.fromEntries(texts) });
      },
    });
    await expect.poll(() => seen.length, patient).toBe(1);
    await consumer.disconnect();
    expect(seen[0]).toEqual({
      key: 'order-1',
      value: '{"n":1}',
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: event.id,
        ce_source: '/services/test',
        ce_type: 't.wire',
        ce_subject: 'order-1',
        ce_time: event.time,
        ce_traceparent: event.traceparent,
        traceparent: event.traceparent,
      },
    });
  });

  test("a stranger's structured event is read, and what is no event is set aside", async () => {
    const seen: string[] = [];
    await bus.consume({ queue: 'c.strange', types: ['t.strange'], handler: async ({ id }) => void seen.push(id) });
    const event = newEvent('t.strange');
    await bus.publish([newEvent('t.strange')]);
    await expect.poll(() => seen.length, patient).toBe(1);
    const producer = connect().producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
    const messages = [{ value: 'nonsense' }, { value: JSON.stringify(event), headers }];
    await producer.send({ topic: 'events.t.strange', messages });
    await producer.disconnect();
    await expect.poll(() => seen, patient).toContain(event.id);
    await expect.poll(async () => (await letters.list('c.strange')).length, patient).toBe(1);
    expect((await letters.list('c.strange'))[0]).toMatchObject({
      event: 'nonsense',
      reason: expect.stringContaining('not a CloudEvent'),
    });
  });

  test('events of an aggregate are dealt with in their order', async () => {
    const seen = new Map<string, number[]>();
    const handler = async ({ subject, data }: { subject: string; data: Record<string, unknown> }): Promise<void> => {
      seen.set(subject, [...(seen.get(subject) ?? []), Number(data.n)]);
    };
    await bus.consume({ queue: 'c.order', types: ['t.order'], handler });
    for (let n = 0; n < 20; n += 1)
      await bus.publish(['a', 'b', 'c'].map((subject) => newEvent('t.order', subject, { n })));
    const counts = (): number[] => [...seen.values()].map((numbers) => numbers.length);
    await expect.poll(counts, patient).toEqual([20, 20, 20]);
    for (const numbers of seen.values()) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test('brokers that are away are told of to who publishes, and stop nobody', async () => {
    const alone = createKafkaBus({ brokers: ['127.0.0.1:1'], name: 'alone', logger });
    await alone.consume({ queue: 'c.alone', types: ['t.alone'], handler: async () => {} });
    await expect(alone.publish([newEvent('t.alone')])).rejects.toThrow();
    await alone.stop();
  });
});
