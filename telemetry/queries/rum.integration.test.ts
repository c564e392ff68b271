import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import type { RumRow } from '#telemetry/rows';
import { createWriter } from '../writer/writer.ts';
import { readExceptions, readSessionsPerMinute, readWebVitals } from './rum.ts';

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
    row(t0 + 40, { sessionId: 's-2' }),
    row(t0 + 60_000, { sessionId: 's-2' }),
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
