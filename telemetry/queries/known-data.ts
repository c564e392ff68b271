import { pino } from 'pino';
import type { TelemetryClient } from '../client.ts';
import { staleMarkerBits } from '../rows.ts';
import { makeCounter, makeEvent, makeLog, makeSpan } from '../test-rows.ts';
import { createWriter, type Writer } from '../writer/writer.ts';

/** A full minute, and so a full ten seconds, some minutes ago. */
export const t0 = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
export const arrival = { fromArrivedMs: t0, toArrivedMs: t0 + 600_000 };
export const range = { fromMs: t0, toMs: t0 + 60_000 };

const http = (status: string, route = '/carts/:id', method = 'GET'): Record<string, string> => ({
  'http.route': route,
  'http.request.method': method,
  'http.response.status_code': status,
});

const failing = { TraceId: 'f'.repeat(32) };

/** Fills a store with the small data that the tests of the queries know by heart. */
export async function appendKnownData(client: TelemetryClient): Promise<void> {
  const writer = createWriter({ client, clock: () => Date.now(), logger: pino({ level: 'silent' }) });
  await appendSpans(writer);
  await appendUnansweredSpans(writer);
  await appendOthers(writer);
}

async function appendSpans(writer: Writer): Promise<void> {
  await writer.appendTraces(
    [
      makeSpan(t0 + 1_000),
      makeSpan(t0 + 2_000, { Duration: 400_000_000 }),
      makeSpan(t0 + 3_000, { SpanAttributes: http('404') }),
      makeSpan(t0 + 11_000, { SpanAttributes: http('200', '/carts', 'POST'), StatusCode: 'Error' }),
      // A checkout that fails in payments: gateway server → gateway client → payments server.
      makeSpan(t0 + 4_000, {
        ...failing,
        SpanId: 'a1',
        ServiceName: 'gateway',
        SpanName: 'POST /api/checkout',
        Duration: 90_000_000,
        SpanAttributes: http('502', '/api/checkout', 'POST'),
      }),
      makeSpan(t0 + 4_010, {
        ...failing,
        SpanId: 'a2',
        ParentSpanId: 'a1',
        ServiceName: 'gateway',
        SpanName: 'POST',
        SpanKind: 'Client',
        StatusCode: 'Error',
        Duration: 70_000_000,
        SpanAttributes: {
          'peer.service': 'payments',
          'http.request.method': 'POST',
          'http.response.status_code': '500',
        },
      }),
      makeSpan(t0 + 4_020, {
        ...failing,
        SpanId: 'a3',
        ParentSpanId: 'a2',
        ServiceName: 'payments',
        SpanName: 'POST /payments',
        Duration: 50_000_000,
        StatusMessage: 'declined by nobody',
        SpanAttributes: http('500', '/payments', 'POST'),
        'Events.Timestamp': [`${t0 + 4_030}000000`],
        'Events.Name': ['exception'],
        'Events.Attributes': [{ 'exception.type': 'Error' }],
      }),
    ],
    'first',
  );
}

async function appendUnansweredSpans(writer: Writer): Promise<void> {
  await writer.appendTraces(
    [
      // payments does not answer: its caller's span is all there is.
      makeSpan(t0 + 5_000, {
        ServiceName: 'gateway',
        SpanName: 'POST',
        SpanKind: 'Client',
        StatusCode: 'Error',
        SpanAttributes: { 'peer.service': 'payments', 'http.request.method': 'POST' },
      }),
      makeSpan(t0 + 6_000, {
        ServiceName: 'payments',
        SpanName: 'order.placed process',
        SpanKind: 'Consumer',
        SpanAttributes: {},
      }),
      // The old semantic conventions.
      makeSpan(t0 + 7_000, {
        ServiceName: 'stranger',
        SpanName: 'GET',
        SpanAttributes: { 'http.method': 'GET', 'http.status_code': '503' },
      }),
    ],
    'second',
  );
}

async function appendOthers(writer: Writer): Promise<void> {
  await writer.appendLogs(
    [
      makeLog(t0 + 4_025, {
        ...failing,
        SpanId: 'a3',
        ServiceName: 'payments',
        Body: 'acquirer said no',
        SeverityText: 'ERROR',
      }),
    ],
    'logs',
  );
  const ok = makeCounter('http_requests_total', { service: 'cart', status: '200' }, [
    { timestampMs: t0 + 1_000, value: 5, startMs: t0 },
    { timestampMs: t0 + 3_000, value: 9, startMs: t0 },
  ]);
  const failed = makeCounter('http_requests_total', { service: 'cart', status: '503' }, [
    { timestampMs: t0 + 3_000, value: 2 },
  ]);
  const gone = makeCounter('http_requests_total', { service: 'orders', status: '200' }, [
    { timestampMs: t0 + 3_000, value: 0 },
  ]);
  await writer.appendMetrics(
    {
      series: [...ok.series, ...failed.series, ...gone.series],
      samples: [
        ...ok.samples,
        ...failed.samples,
        ...gone.samples.map((row) => ({ ...row, valueBits: staleMarkerBits })),
      ],
    },
    'metrics',
  );
  await writer.appendEvents([
    makeEvent(t0 + 1_000, { type: 'order.placed', amountMinor: 4_990 }),
    makeEvent(t0 + 2_000, { amountMinor: 4_990 }),
    makeEvent(t0 + 3_000, { amountMinor: 10 }),
    makeEvent(t0 + 61_000, { amountMinor: 7 }),
    makeEvent(t0 + 4_000, { type: 'product.viewed', amountMinor: 0, currency: '' }),
    makeEvent(t0 + 5_000, { type: 'cart.updated', amountMinor: 0, currency: '', sessionId: 's1' }),
    makeEvent(t0 + 6_000, { type: 'cart.updated', amountMinor: 0, currency: '', sessionId: 's1' }),
  ]);
}
