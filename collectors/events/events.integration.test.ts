import { randomUUID } from 'node:crypto';
import { PgBoss } from 'pg-boss';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { createLogger } from '#process/logger';
import { createTelemetryClient } from '#telemetry/client';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { createWriter } from '#telemetry/writer/writer';
import { createIntakeMetrics } from '../intake.ts';
import { startTestCollectors, type TestCollectors } from '../test-collectors.ts';
import { consumeBus } from './bus.ts';

let store: TestStore;
let collectors: TestCollectors;

beforeAll(async () => {
  store = await startTestStore();
  collectors = await startTestCollectors(store.url);
}, 60_000);

afterAll(async () => {
  await collectors?.stop();
  await store?.stop();
});

type Stored = {
  id: string;
  type: string;
  order_id: string;
  amount_minor: string;
  currency: string;
  session_id: string;
  trace_id: string;
};

async function storedEvents(source: string): Promise<Stored[]> {
  const query = `SELECT id, type, order_id, amount_minor, currency, session_id, trace_id FROM business_events WHERE source = '${source}' ORDER BY id`;
  return (await store.client.query({ query, format: 'JSONEachRow' })).json<Stored>();
}

function cloudEvent(source: string, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source,
    type: 'order.placed',
    subject: 'o-1',
    time: '2026-11-23T10:00:00.123Z',
    datacontenttype: 'application/json',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data: { orderId: 'o-1', totalMinor: 4_999, currency: 'EUR', sessionId: 's-1', device: 'phone', channel: 'app' },
    ...overrides,
  };
}

function post(body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${collectors.url}/v1/events`, { method: 'POST', body, headers });
}

const structured = { 'content-type': 'application/cloudevents+json' };

test('a structured event is stored with the parts that business queries ask for', async () => {
  const event = cloudEvent('/structured');
  expect((await post(JSON.stringify(event), structured)).status).toBe(204);
  expect(await storedEvents('/structured')).toEqual([
    {
      id: event.id,
      type: 'order.placed',
      order_id: 'o-1',
      amount_minor: '4999',
      currency: 'EUR',
      session_id: 's-1',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
    },
  ]);
});

test('an event delivered again, alone or in a batch with others, is stored once', async () => {
  const first = cloudEvent('/twice');
  const second = cloudEvent('/twice');
  const batch = { 'content-type': 'application/cloudevents-batch+json' };
  expect((await post(JSON.stringify(first), structured)).status).toBe(204);
  expect((await post(JSON.stringify([first, second]), batch)).status).toBe(204);
  expect((await post(JSON.stringify([second, first]), batch)).status).toBe(204);
  expect((await storedEvents('/twice')).map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
});

test('an event in binary mode carries its attributes in headers', async () => {
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': 'b-1',
    'ce-source': '/binary',
    'ce-type': 'product.viewed',
  };
  expect((await post('{"sessionId":"s-9"}', headers)).status).toBe(204);
  expect(await storedEvents('/binary')).toMatchObject([{ id: 'b-1', type: 'product.viewed', session_id: 's-9' }]);
});

describe('an event that cannot be accepted is answered with problem details', () => {
  test.each([
    ['no id', JSON.stringify(cloudEvent('/bad', { id: undefined })), structured, 400],
    ['a time that is none', JSON.stringify(cloudEvent('/bad', { time: 'yesterday' })), structured, 400],
    ['broken JSON', '{', structured, 400],
    ['a batch that is no list', '{}', { 'content-type': 'application/cloudevents-batch+json' }, 400],
    ['an unknown type', 'x', { 'content-type': 'text/plain' }, 415],
  ])('%s', async (_name, body, headers, status) => {
    const response = await post(body, headers);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(await response.json()).toMatchObject({ status, title: expect.stringMatching(/\w/) });
    expect(await storedEvents('/bad')).toEqual([]);
  });
});

describe('the bus', () => {
  let postgres: TestPostgres;
  let boss: PgBoss;

  beforeAll(async () => {
    postgres = await startTestPostgres({ databases: ['bus'] });
    boss = new PgBoss({ connectionString: postgres.url('bus'), schedule: false, useListenNotify: true });
    boss.on('error', () => undefined);
    await boss.start();
  }, 60_000);

  afterAll(async () => {
    await boss?.stop({ graceful: false });
    await postgres?.stop();
  });

  async function until(condition: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 300 && !(await condition()); attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await condition()).toBe(true);
  }

  test('hands over every type of event; one is done only once it is stored, and what is no event is dead-lettered', async () => {
    const logger = createLogger('collectors-test');
    logger.level = 'silent';
    const client = createTelemetryClient({ url: store.url, lane: 'inserts' });
    const writer = createWriter({ client, clock: Date.now, logger });
    const intake = createIntakeMetrics(new Registry(), () => 0);
    const consumer = consumeBus({ BUS_URL: postgres.url('bus') }, { store: writer, intake, clock: Date.now, logger });
    await until(async () => (await boss.getQueue('collectors.events')) !== null);
    await until(async () => {
      const { rows } = await boss.getDb().executeSql('select 1 from pgboss.subscription where event = $1', ['*']);
      return rows.length === 1;
    });

    const events = [cloudEvent('/bus'), cloudEvent('/bus', { type: 'cart.updated' }), cloudEvent('/bus')];
    await boss.publish('*', events[0], { id: String(events[0]?.id) });
    await boss.insert(
      'collectors.events',
      events.slice(1).map((event) => ({ id: String(event.id), data: event })),
    );
    await boss.insert('collectors.events', [{ data: { hello: 'world' } }]);
    await until(async () => (await storedEvents('/bus')).length === 3);
    await until(async () => {
      const { rows } = await boss
        .getDb()
        .executeSql('select 1 from pgboss.job where name = $1', ['collectors.events.dead']);
      return rows.length === 1;
    });

    await store.kill();
    const late = cloudEvent('/bus', { id: randomUUID() });
    await boss.insert('collectors.events', [{ id: String(late.id), data: late }]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await store.restart();
    await until(async () => (await storedEvents('/bus')).length === 4);
    expect(new Set((await storedEvents('/bus')).map(({ id }) => id)).size).toBe(4);

    await consumer.stop();
    await writer.close();
    await client.close();
  }, 90_000);
});
