import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import type { RumRow } from '#telemetry/rows';
import { makeSpan } from '../test-rows.ts';
import { createWriter } from '../writer/writer.ts';
import { readExceptions, readRecentSessions, readSessionsPerMinute, readWebVitals } from './rum.ts';
import { findSessionTraces } from './traces.ts';

const t0 = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
const range = { fromMs: t0, toMs: t0 + 120_000 };

function row(timestampMs: number, fields: Partial<RumRow>): RumRow {
  return {
    timestampMs,
    app: 'shop',
    appVersion: '',
    environment: '',
    sessionId: 's-1',
    kind: 'event',
    name: 'x',
    message: '',
    values: {},
    attributes: {},
    stacktrace: '',
    pageUrl: '',
    view: '',
    browser: '',
    browserVersion: '',
    os: '',
    mobile: false,
    traceId: '',
    spanId: '',
    ...fields,
  };
}

const vital = (atMs: number, values: Record<string, number>, id: string): RumRow =>
  row(atMs, { kind: 'measurement', name: 'web-vitals', values: { ...values, delta: 1 }, attributes: { id } });

const thrown = (atMs: number, fields: Partial<RumRow>): RumRow =>
  row(atMs, { kind: 'exception', name: 'TypeError', message: 'x is undefined', ...fields });

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
  const writer = createWriter({ client: store.client, clock: Date.now, logger: pino({ level: 'silent' }) });
  const rows = [
    ...[1_000, 2_000, 3_000, 4_000, 5_000].map((lcp, i) => vital(t0 + i, { lcp }, `lcp-${i}`)),
    vital(t0 + 10, { cls: 0.01 }, 'cls-1'),
    vital(t0 + 20, { cls: 0.3 }, 'cls-1'),
    vital(t0 - 1, { inp: 900 }, 'before'),
    row(t0 + 30, { kind: 'measurement', name: 'cart', values: { lcp: 9e9 } }),
    row(t0 + 40, { sessionId: 's-2', pageUrl: 'http://shop/', mobile: true, browser: 'Chrome' }),
    row(t0 + 60_000, { sessionId: 's-2', pageUrl: 'http://shop/cart', mobile: true, browser: 'Chrome' }),
    row(t0 + 60_001, { sessionId: '' }),
    row(t0 + 60_002, { sessionId: 's-3', app: 'blog' }),
    thrown(t0 + 100, { stacktrace: '[1]' }),
    thrown(t0 + 300, { stacktrace: '[3]', sessionId: 's-2' }),
    thrown(t0 + 200, { stacktrace: '[2]' }),
    thrown(t0 + 400, { message: 'y is undefined' }),
    row(t0 + 500, { kind: 'log', name: 'error', message: 'x is undefined' }),
  ];
  await writer.appendRum(rows, 'rum-test');
  await writer.appendRum(rows, 'rum-test');
  const own = { 'session.id': 's-2' };
  const click = { TraceId: 'c'.repeat(32), ServiceName: 'shop-web', SpanName: 'POST', Duration: 90_000_000 };
  const served = { ServiceName: 'orders', SpanName: 'POST /checkouts' };
  const load = { TraceId: 'd'.repeat(32), ServiceName: 'shop', SpanName: 'GET /', SpanAttributes: own };
  await writer.appendTraces(
    [
      makeSpan(t0 + 1_000, { ...click, SpanKind: 'Client', SpanAttributes: own }),
      makeSpan(t0 + 1_020, { ...click, ...served, SpanAttributes: {}, StatusCode: 'Error' }),
      makeSpan(t0 + 2_000, load),
      makeSpan(t0 + 3_000, { SpanAttributes: { 'session.id': 's-1' } }),
    ],
    'spans-test',
  );
  await writer.close();
}, 120_000);

afterAll(() => store?.stop());

test('web vitals are the 75th percentile of page views, each with its last value', async () => {
  expect(await readWebVitals(store.client, range)).toEqual([
    { app: 'shop', vital: 'cls', p75: 0.3, pageViews: 1 },
    { app: 'shop', vital: 'lcp', p75: 4_000, pageViews: 5 },
  ]);
});

test('a session counts once in each minute in which it reported', async () => {
  expect(await readSessionsPerMinute(store.client, range)).toEqual([
    { app: 'blog', minuteMs: t0 + 60_000, sessions: 1 },
    { app: 'shop', minuteMs: t0, sessions: 2 },
    { app: 'shop', minuteMs: t0 + 60_000, sessions: 1 },
  ]);
});

test('exceptions are grouped by type and message, the most frequent first, with the latest stack', async () => {
  const base = { app: 'shop', type: 'TypeError' };
  expect(await readExceptions(store.client, range)).toEqual([
    { ...base, message: 'x is undefined', count: 3, sessions: 2, lastSeenMs: t0 + 300, stacktrace: '[3]' },
    { ...base, message: 'y is undefined', count: 1, sessions: 1, lastSeenMs: t0 + 400, stacktrace: '' },
  ]);
});

test('sessions come with what they saw and how long they lasted, those that reported last before the others', async () => {
  const sessions = await readRecentSessions(store.client, range);
  expect(sessions.map(({ app, sessionId }) => `${app} ${sessionId}`)).toEqual(['blog s-3', 'shop s-2', 'shop s-1']);
  expect(sessions[1]).toEqual({
    ...{ app: 'shop', sessionId: 's-2', lastSeenMs: t0 + 60_000, seconds: 59.96, views: 2, exceptions: 1 },
    ...{ device: 'phone', browser: 'Chrome' },
  });
});

test('a session’s traces are whole, begin with what the browser did, are called as their server calls them, and leave out others', async () => {
  const found = await findSessionTraces(store.client, { sessionId: 's-2', ...range, limit: 10 });
  expect(found).toEqual([
    {
      ...{ traceId: 'd'.repeat(32), service: 'shop', name: 'GET /', startMs: t0 + 2_000, durationMs: 20 },
      ...{ error: false, spanCount: 1 },
    },
    {
      ...{ traceId: 'c'.repeat(32), service: 'orders', name: 'POST /checkouts', startMs: t0 + 1_000, durationMs: 110 },
      ...{ error: true, spanCount: 2 },
    },
  ]);
  expect(await findSessionTraces(store.client, { sessionId: "no' session", ...range, limit: 10 })).toEqual([]);
});
