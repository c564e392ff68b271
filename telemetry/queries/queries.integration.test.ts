import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '#process/logger';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { makeSpan } from '../test-rows.ts';
import { createWriter } from '../writer/writer.ts';
import { countSpansByBatch, listSpanServices } from './detection.ts';
import { readEdges } from './edges.ts';
import { appendKnownData, arrival, range, t0 } from './known-data.ts';
import { readTraceLogs } from './logs.ts';
import { readRecentSamples } from './recent-samples.ts';
import { readErrorTraces, readSlowTraces } from './recent-traces.ts';
import { readRed, readServices } from './red.ts';
import { findTraces, readTrace } from './traces.ts';

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
  await appendKnownData(store.client);
});

afterAll(() => store.stop());

describe('span counts for SLIs', () => {
  test('good and bad are counted per batch; the callee is charged for calls that it did not answer', async () => {
    const error = { kind: 'error' } as const;
    const counts = await countSpansByBatch(store.client, {
      slis: [
        { id: 'cart', service: 'cart', bad: error, countUnanswered: false },
        { id: 'cart-latency', service: 'cart', bad: { kind: 'slower', thresholdMs: 300 }, countUnanswered: false },
        { id: 'cart-post', service: 'cart', routes: ['/carts'], methods: ['POST'], bad: error, countUnanswered: false },
        { id: 'payments', service: 'payments', bad: error, countUnanswered: true },
        { id: 'payments-own', service: 'payments', bad: error, countUnanswered: false },
        { id: 'payments-requests', service: 'payments', spanKind: 'server', bad: error, countUnanswered: false },
        { id: 'payments-messages', service: 'payments', spanKind: 'consumer', bad: error, countUnanswered: false },
        { id: 'stranger', service: 'stranger', bad: error, countUnanswered: true },
        { id: "nobody's", service: "nobody's", bad: error, countUnanswered: true },
      ],
      ...arrival,
    });
    expect(new Set(counts.map((row) => row.batchId)).size).toBe(2);
    expect(counts.map(({ sliId, good, bad, firstBadMs }) => ({ sliId, good, bad, firstBadMs }))).toEqual([
      { sliId: 'cart', good: 3, bad: 1, firstBadMs: t0 + 11_020 },
      { sliId: 'cart-latency', good: 3, bad: 1, firstBadMs: t0 + 2_400 },
      { sliId: 'cart-post', good: 0, bad: 1, firstBadMs: t0 + 11_020 },
      { sliId: 'payments', good: 0, bad: 1, firstBadMs: t0 + 4_070 },
      { sliId: 'payments-own', good: 0, bad: 1, firstBadMs: t0 + 4_070 },
      { sliId: 'payments-requests', good: 0, bad: 1, firstBadMs: t0 + 4_070 },
      { sliId: 'payments', good: 1, bad: 1, firstBadMs: t0 + 5_020 },
      { sliId: 'payments-messages', good: 1, bad: 0, firstBadMs: null },
      { sliId: 'payments-own', good: 1, bad: 0, firstBadMs: null },
      { sliId: 'stranger', good: 0, bad: 1, firstBadMs: t0 + 7_020 },
    ]);
    for (const row of counts) {
      expect(row.arrivedMs).toBeGreaterThan(t0);
      expect(row.firstBadArrivedMs).toBe(row.bad > 0 ? row.arrivedMs : null);
    }
  });

  test('only what arrived in the asked time is counted', async () => {
    const slis = [{ id: 'cart', service: 'cart', bad: { kind: 'error' }, countUnanswered: false } as const];
    expect(await countSpansByBatch(store.client, { slis, fromArrivedMs: t0 - 10_000, toArrivedMs: t0 })).toEqual([]);
    expect(await countSpansByBatch(store.client, { slis: [], ...arrival })).toEqual([]);
  });

  test('services that answered requests are listed', async () => {
    expect(await listSpanServices(store.client, { sinceMs: t0 })).toEqual([
      { service: 'cart', requests: 4, firstSeenMs: t0 },
      { service: 'gateway', requests: 1, firstSeenMs: t0 },
      { service: 'payments', requests: 1, firstSeenMs: t0 },
      { service: 'stranger', requests: 1, firstSeenMs: t0 },
    ]);
  });
});

test('samples are found by matchers, in order, with labels and start', async () => {
  const select = (matchers: { label: string; op: '=' | '!=' | '=~' | '!~'; value: string }[]) =>
    readRecentSamples(store.client, { selectors: [{ id: 's', metric: 'http_requests_total', matchers }], ...arrival });
  const brief = async (matchers: Parameters<typeof select>[0]): Promise<unknown[]> =>
    (await select(matchers)).map((row) => [row.labels.status, row.timestampMs - t0, row.value, row.startMs]).sort();
  const cart = { label: 'service', op: '=', value: 'cart' } as const;
  expect(await brief([cart, { label: 'status', op: '=~', value: '5..' }])).toEqual([['503', 3_000, 2, 0]]);
  expect(await brief([cart, { label: 'status', op: '!~', value: '5.|2' }])).toHaveLength(3);
  expect(
    await brief([cart, { label: 'status', op: '!=', value: '503' }, { label: 'absent', op: '=', value: '' }]),
  ).toEqual([
    ['200', 1_000, 5, t0],
    ['200', 3_000, 9, t0],
  ]);
  expect(await brief([{ label: 'service', op: '=', value: 'orders' }])).toEqual([['200', 3_000, null, 0]]);
  expect(await brief([{ label: 'service', op: '=', value: "'; DROP TABLE samples; --" }])).toEqual([]);
});

test('failing and slow traces come with all of their spans', async () => {
  const spans = await readErrorTraces(store.client, { ...range, limit: 50 });
  const checkout = spans.filter((span) => span.traceId === 'f'.repeat(32));
  expect(
    checkout.map(({ service, kind, error, answered, httpStatus, peer, parentSpanId }) => [
      service,
      kind,
      error,
      answered,
      httpStatus,
      peer,
      parentSpanId,
    ]),
  ).toEqual([
    ['gateway', 'server', true, false, 502, '', ''],
    ['gateway', 'client', true, true, 500, 'payments', 'a1'],
    ['payments', 'server', true, false, 500, '', 'a2'],
  ]);
  expect(spans.some((span) => !span.error && span.traceId !== 'f'.repeat(32))).toBe(false);
  const slow = await readSlowTraces(store.client, { service: 'cart', thresholdMs: 300, ...range, limit: 5 });
  expect(slow.map((span) => [span.service, span.durationMs])).toEqual([['cart', 400]]);
  const elsewhere = { service: 'cart', routes: ['/other'], thresholdMs: 300, ...range, limit: 5 };
  expect(await readSlowTraces(store.client, elsewhere)).toEqual([]);
});

test('edges carry calls, errors and p95 as the caller saw them', async () => {
  const edges = await readEdges(store.client, range);
  expect(edges).toEqual([{ caller: 'gateway', callee: 'payments', calls: 2, errors: 2, p95Ms: expect.any(Number) }]);
  expect(edges[0]?.p95Ms).toBeGreaterThan(20);
});

test('rate, errors and duration per step and per service', async () => {
  const cart = await readRed(store.client, { service: 'cart', ...range, stepSeconds: 10 });
  expect(cart.map(({ bucketMs, requests, errors }) => [bucketMs - t0, requests, errors])).toEqual([
    [0, 3, 0],
    [10_000, 1, 1],
  ]);
  expect(cart[0]?.p50Ms).toBeCloseTo(20, 0);
  const minute = await readRed(store.client, {
    service: 'cart',
    operations: ['GET /carts/:id'],
    ...range,
    stepSeconds: 60,
  });
  expect(minute).toMatchObject([{ service: 'cart', bucketMs: t0, requests: 3, errors: 0 }]);
  const services = await readServices(store.client, range);
  expect(services.map(({ service, requests, errors }) => [service, requests, errors])).toEqual([
    ['cart', 4, 1],
    ['gateway', 1, 1],
    ['payments', 2, 1],
    ['stranger', 1, 1],
  ]);
  expect(services[0]).toMatchObject({ errorShare: 0.25, ratePerSecond: 4 / 60 });
});

test('traces are found by service, failure and duration, and read with their events and logs', async () => {
  const slowest = await findTraces(store.client, { service: 'cart', ...range, order: 'slowest', limit: 2 });
  expect(slowest.map((trace) => [trace.durationMs, trace.error, trace.spanCount])).toEqual([
    [400, false, 1],
    [20, expect.any(Boolean), 1],
  ]);
  const failing = await findTraces(store.client, {
    onlyErrors: true,
    minDurationMs: 50,
    ...range,
    order: 'newest',
    limit: 5,
  });
  expect(failing).toEqual([
    {
      traceId: 'f'.repeat(32),
      service: 'gateway',
      name: 'POST /api/checkout',
      startMs: t0 + 4_000,
      durationMs: 90,
      error: true,
      spanCount: 3,
    },
  ]);
  const spans = await readTrace(store.client, 'f'.repeat(32));
  expect(spans.map((span) => [span.spanId, span.startMs - t0, span.durationMs, span.error])).toEqual([
    ['a1', 4_000, 90, true],
    ['a2', 4_010, 70, true],
    ['a3', 4_020, 50, true],
  ]);
  expect(spans[2]).toMatchObject({
    statusMessage: 'declined by nobody',
    attributes: { 'http.route': '/payments' },
    events: [{ timeMs: t0 + 4_030, name: 'exception', attributes: { 'exception.type': 'Error' } }],
  });
  expect(await readTraceLogs(store.client, 'f'.repeat(32))).toMatchObject([
    { timeMs: t0 + 4_025, service: 'payments', severity: 'ERROR', body: 'acquirer said no', spanId: 'a3' },
  ]);
  expect(await readTrace(store.client, "no' such trace")).toEqual([]);
});

test('a trace is read whole while its last spans lie in a part of their own', async () => {
  const TraceId = 'e'.repeat(32);
  const writer = createWriter({ client: store.client, clock: () => Date.now(), logger: createLogger('test') });
  for (const [index, afterMs] of [0, 1_100, 1_900].entries()) {
    await writer.appendTraces([makeSpan(t0 + afterMs, { TraceId, SpanId: `s${index}` })], `sender-${index}`);
  }
  await writer.close();
  expect((await readTrace(store.client, TraceId)).map(({ spanId }) => spanId)).toEqual(['s0', 's1', 's2']);
});
