import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { startTestCollectors, type TestCollectors } from '../test-collectors.ts';

const key = 'pk_0123456789abcdef';
const otherKey = 'pk_fedcba9876543210';
const origin = 'https://shop.example';
const rates = { app: 1_000, address: 1_000, session: 2 };
const apps = [
  { name: 'shop', key, origins: [origin] },
  { name: 'blog', key: otherKey, origins: ['https://blog.example'] },
];

let store: TestStore;
let collectors: TestCollectors;

beforeAll(async () => {
  store = await startTestStore();
  collectors = await startTestCollectors(store.url, { faro: { apps, maxBodyBytes: 20_000, rates } });
}, 120_000);

afterAll(async () => {
  await collectors?.stop();
  await store?.stop();
});

async function count(from: string): Promise<number> {
  const answer = await store.client.query({ query: `SELECT count() AS n FROM ${from}`, format: 'JSONEachRow' });
  return Number((await answer.json<{ n: string }>())[0]?.n);
}

const headers = { 'content-type': 'application/json', 'x-api-key': key, origin };

function post(body: BodyInit, extra: Record<string, string> = {}, path = '/collect'): Promise<Response> {
  return fetch(`${collectors.url}${path}`, { method: 'POST', body, headers: { ...headers, ...extra } });
}

function eventBody(session: string, more: Record<string, unknown> = {}): string {
  const event = { name: 'opened', timestamp: new Date().toISOString() };
  return JSON.stringify({ meta: { session: { id: session } }, events: [event], ...more });
}

function spanBody(session: string, traceId: string): string {
  const nanos = `${Date.now()}000000`;
  const span = {
    traceId,
    spanId: traceId.slice(0, 16),
    name: 'click',
    kind: 1,
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
  };
  return eventBody(session, { traces: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] } });
}

test('a request is stored before it is acknowledged; sent again, in any form, it counts once', async () => {
  const traceId = 'ab'.repeat(16);
  const body = spanBody('again', traceId);
  const together = await Promise.all([post(body), post(body)]);
  expect(together.map(({ status }) => status)).toEqual([202, 202]);
  expect(await count("rum_events WHERE session_id = 'again' AND app = 'shop' AND name = 'opened'")).toBe(1);
  expect(await count(`otel_traces WHERE TraceId = '${traceId}' AND ServiceName = 'shop'`)).toBe(1);
  expect((await post(gzipSync(body), { 'content-encoding': 'gzip' })).status).toBe(202);
  expect((await post(body, { 'x-api-key': '' }, `/collect/${key}`)).status).toBe(202);
  expect(await count("rum_events WHERE session_id = 'again'")).toBe(1);
  expect(await count(`otel_traces WHERE TraceId = '${traceId}'`)).toBe(1);
});

test('the key says whose a request is: the same body of two apps is stored for both', async () => {
  const body = eventBody('both', { meta: { app: { name: 'shop' }, session: { id: 'both' } } });
  expect((await post(body)).status).toBe(202);
  expect((await post(body, { 'x-api-key': otherKey, origin: 'https://blog.example' })).status).toBe(202);
  expect(await count("rum_events WHERE session_id = 'both' AND app = 'shop'")).toBe(1);
  expect(await count("rum_events WHERE session_id = 'both' AND app = 'blog'")).toBe(1);
});

describe('a request that cannot be accepted is answered with its reason, which the page can read', () => {
  test.each([
    ['an unknown key', eventBody('bad'), { 'x-api-key': 'pk_no' }, 401, 'unknown_key'],
    ['the origin of another app', eventBody('bad'), { origin: 'https://blog.example' }, 403, 'origin'],
    ['broken JSON', '{', {}, 400, 'malformed'],
    ['a bad field', '{"meta":{},"events":[{"name":"x","timestamp":"noon"}]}', {}, 400, 'malformed'],
    ['another content type', eventBody('bad'), { 'content-type': 'text/plain' }, 415, 'content_type'],
    ['a large body', eventBody('bad', { pad: 'x'.repeat(30_000) }), {}, 413, 'too_large'],
    ['a bomb', gzipSync(Buffer.alloc(3_000_000)), { 'content-encoding': 'gzip' }, 413, 'too_large'],
  ])('%s', async (_name, body, extra, status, code) => {
    const response = await post(body, extra);
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { status, code, title: expect.any(String) },
    ]);
    expect(response.headers.get('access-control-allow-origin')).toBe({ ...headers, ...extra }.origin);
    expect(await count("rum_events WHERE session_id = 'bad'")).toBe(0);
  });

  test('the bad field is named', async () => {
    const response = await post('{"meta":{},"events":[{"name":"x","timestamp":"noon"}]}');
    expect(await response.json()).toMatchObject({ title: expect.stringContaining('events[0].timestamp') });
  });

  test('a stranger’s origin gets 403 and no permission to read it; GET gets 405', async () => {
    const response = await post(eventBody('bad'), { origin: 'https://evil.example' });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    expect((await fetch(`${collectors.url}/collect`)).status).toBe(405);
  });
});

test('a preflight is answered for origins of the apps, with all headers that the SDK sends', async () => {
  const ask = (from: string) => fetch(`${collectors.url}/collect`, { method: 'OPTIONS', headers: { origin: from } });
  const allowed = await ask(origin);
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
  const names = (allowed.headers.get('access-control-allow-headers') ?? '').split(', ');
  expect(names).toEqual(
    expect.arrayContaining(['content-type', 'x-api-key', 'x-faro-session-id', 'idempotency-key', 'traceparent']),
  );
  const refused = await ask('https://evil.example');
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
});

test('a session that sends too much gets 429 and when to come back; others go on', async () => {
  const session = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => post(eventBody(session, { i }), { 'x-faro-session-id': session })),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(6);
  for (const { headers: got } of refused) expect(Number(got.get('retry-after'))).toBeGreaterThanOrEqual(1);
  const stored = answers.filter(({ status }) => status === 202).length;
  expect(stored + refused.length).toBe(12);
  expect(await count(`rum_events WHERE session_id = '${session}'`)).toBe(stored);
  expect((await post(eventBody('quiet'), { 'x-faro-session-id': 'quiet' })).status).toBe(202);
});

test('while the store is away nothing is acknowledged; the same request sent later is stored once', async () => {
  const body = spanBody('away', 'cd'.repeat(16));
  await store.kill();
  const refused = await post(body);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after');
  await store.restart();
  let status = 503;
  for (let attempt = 0; attempt < 40 && status === 503; attempt++) {
    ({ status } = await post(body));
    if (status === 503) await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(status).toBe(202);
  expect((await post(body)).status).toBe(202);
  expect(await count("rum_events WHERE session_id = 'away'")).toBe(1);
  expect(await count(`otel_traces WHERE TraceId = '${'cd'.repeat(16)}'`)).toBe(1);
});

test('where no app is configured, there is no such path', async () => {
  const without = await startTestCollectors(store.url);
  try {
    const response = await fetch(`${without.url}/collect`, { method: 'POST', body: eventBody('none'), headers });
    expect(response.status).toBe(404);
  } finally {
    await without.stop();
  }
});
