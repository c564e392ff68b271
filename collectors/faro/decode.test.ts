import type { TransportBody } from '@grafana/faro-web-sdk';
import { describe, expect, test } from 'vitest';
import { readFaroRequest } from './decode.ts';
import { cleanAttributes, cleanText, cleanUrl } from './privacy.ts';

const nowMs = Date.parse('2026-11-24T10:00:00.000Z');
const timestamp = '2026-11-24T09:59:59.500Z';
const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

const meta: TransportBody['meta'] = {
  app: { name: 'a name of its own', version: '1.2.3', environment: 'production' },
  session: { id: 's-1', attributes: { plan: 'gold' } },
  page: { url: 'https://shop.example/cart?token=secret#top' },
  view: { name: 'cart' },
  browser: { name: 'Chrome', version: '153.0', os: 'Linux', mobile: true },
  user: { id: 'u-1', email: 'alice@example.com', username: 'alice', fullName: 'Alice A.' },
};

function read(body: unknown) {
  return readFaroRequest(Buffer.from(JSON.stringify(body)), 'shop', nowMs);
}

function span(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const nanos = (ms: number): string => `${ms}000000`;
  const times = { startTimeUnixNano: nanos(nowMs - 100), endTimeUnixNano: nanos(nowMs - 50) };
  return { traceId, spanId, name: 'HTTP GET', kind: 3, ...times, ...fields };
}

function traced(...spans: Record<string, unknown>[]): Record<string, unknown> {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'payments' } }] };
  return { meta, traces: { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] } };
}

test('each kind becomes a row with app, session, page and browser, and nothing of the user', () => {
  const body: TransportBody = {
    meta,
    events: [{ name: 'session_start', domain: 'browser', timestamp, attributes: { previous: 'none' } }],
    exceptions: [
      {
        timestamp,
        type: 'TypeError',
        value: 'x is undefined',
        fatal: true,
        context: { step: 'pay' },
        trace: { trace_id: traceId, span_id: spanId },
        stacktrace: { frames: [{ function: 'pay', filename: 'https://shop.example/a.js?v=1', lineno: 3, colno: 9 }] },
      },
    ],
    measurements: [{ timestamp, type: 'web-vitals', values: { lcp: 1_234.5, delta: 0 }, context: { id: 'v1-1' } }],
    logs: [
      // The SDK's enum is a value of the package; its text is what travels.
      { timestamp, level: 'warn' as never, message: 'slow', context: undefined, action: { name: 'checkout' } },
    ],
  };
  const { rows, spans } = read(body);
  expect(spans).toEqual([]);
  expect(rows.map(({ kind, name, message }) => [kind, name, message])).toEqual([
    ['event', 'session_start', ''],
    ['exception', 'TypeError', 'x is undefined'],
    ['measurement', 'web-vitals', ''],
    ['log', 'warn', 'slow'],
  ]);
  for (const row of rows) {
    expect(row).toMatchObject({
      timestampMs: Date.parse(timestamp),
      app: 'shop',
      appVersion: '1.2.3',
      environment: 'production',
      sessionId: 's-1',
      pageUrl: 'https://shop.example/cart',
      view: 'cart',
      browser: 'Chrome',
      browserVersion: '153.0',
      os: 'Linux',
      mobile: true,
    });
  }
  const [event, exception, measurement, log] = rows;
  expect(event?.attributes).toEqual({ previous: 'none', domain: 'browser' });
  expect(exception).toMatchObject({ traceId, spanId, attributes: { step: 'pay', fatal: 'true' } });
  expect(JSON.parse(exception?.stacktrace ?? '')).toEqual([
    { function: 'pay', filename: 'https://shop.example/a.js', lineno: 3, colno: 9 },
  ]);
  expect(measurement).toMatchObject({ values: { lcp: 1_234.5, delta: 0 }, attributes: { id: 'v1-1' } });
  expect(log?.attributes).toEqual({ 'action.name': 'checkout' });
  expect(JSON.stringify(rows)).not.toMatch(/alice|u-1|secret/i);
});

test('fields of a later SDK are ignored, and a request without items is nothing', () => {
  expect(read({ meta: { ...meta, aura: 1 }, tomorrow: [1], events: null })).toEqual({ rows: [], spans: [] });
  expect(read({ meta: {}, events: [{ name: 'x', timestamp, later: {} }] }).rows).toHaveLength(1);
});

describe('what is wrong is named by its path', () => {
  test.each([
    ['meta', { events: [] }],
    ['meta.browser.mobile', { meta: { browser: { mobile: 'yes' } } }],
    ['events: expected an array', { meta, events: {} }],
    [
      'events[1].timestamp',
      {
        meta,
        events: [
          { name: 'a', timestamp },
          { name: 'b', timestamp: 'noon' },
        ],
      },
    ],
    ['events[0].name', { meta, events: [{ timestamp }] }],
    [
      'exceptions[0].stacktrace.frames[0].lineno',
      { meta, exceptions: [{ timestamp, type: 'E', stacktrace: { frames: [{ lineno: 'x' }] } }] },
    ],
    ['measurements[0].values.lcp', { meta, measurements: [{ timestamp, type: 'web-vitals', values: { lcp: '9' } }] }],
    ['logs[0].message', { meta, logs: [{ timestamp, message: 7 }] }],
    ['logs[0].trace.trace_id', { meta, logs: [{ timestamp, message: 'x', trace: { trace_id: 'zz' } }] }],
    ['traces.resourceSpans[0].scopeSpans[0].spans[0].traceId', traced(span({ traceId: 'short' }))],
  ])('%s', (path, body) => {
    expect(() => read(body)).toThrow(path);
  });

  test('a body that is no JSON', () => {
    expect(() => readFaroRequest(Buffer.from('{'), 'shop', nowMs)).toThrow(/not JSON/);
  });
});

test('a clock that is far off moves all times of a request together, so that no row is of another year', () => {
  const at = (text: string) => ({ name: 'x', timestamp: text });
  const future = read({ meta, events: [at('2031-01-01T00:00:00.000Z'), at('2031-01-01T00:00:02.000Z')] }).rows;
  expect(future.map(({ timestampMs }) => timestampMs)).toEqual([nowMs - 2_000, nowMs]);
  const past = read({ meta, events: [at('1999-01-01T00:00:00.000Z'), at('2026-11-24T09:00:00.000Z')] }).rows;
  expect(past.map(({ timestampMs }) => timestampMs)).toEqual([nowMs - 86_400_000, nowMs]);
  const spans = read(traced(span({ startTimeUnixNano: '1', endTimeUnixNano: '1000001' }))).spans;
  expect(Math.abs(Number(BigInt(spans[0]?.Timestamp ?? 0) / 1_000_000n) - nowMs)).toBeLessThanOrEqual(1);
});

test('spans are of the app, serve no request and name no peer, whatever they claim', () => {
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const attributes = [
    attribute('peer.service', 'payments'),
    attribute('user.email', 'alice@example.com'),
    attribute('url.full', 'https://shop.example/pay?card=4111111111111111'),
    attribute('http.request.method', 'GET'),
  ];
  const { spans } = read(
    traced(span({ attributes }), span({ kind: 2, status: { code: 2, message: 'of bob@example.com' } })),
  );
  expect(spans).toMatchObject([
    { ServiceName: 'shop', SpanKind: 'Client', TraceId: traceId, SpanId: spanId, Duration: 50_000_000 },
    { ServiceName: 'shop', SpanKind: 'Internal', StatusCode: 'Error', StatusMessage: 'of [email]' },
  ]);
  expect(spans[0]?.SpanAttributes).toEqual({ 'url.full': 'https://shop.example/pay', 'http.request.method': 'GET' });
  expect(spans[0]?.ResourceAttributes).toEqual({ 'service.name': 'shop' });
});

describe('privacy', () => {
  test.each([
    ['paid with 4111 1111 1111 1111.', 'paid with [card].'],
    ['5500-0000-0000-0004 declined', '[card] declined'],
    ['378282246310005', '[card]'],
    ['order 4111111111111112 of 1764000000000', 'order 4111111111111112 of 1764000000000'],
    ['mail to Alice.B+x@mail.example.co.uk!', 'mail to [email]!'],
    ['GET https://bob:pw@shop.example/a/b?token=1#x failed', 'GET https://shop.example/a/b failed'],
    ['see https://shop.example/u/carol%40example.com?x=1', 'see https://shop.example/u/[email]'],
    ['/cart?session=9', '/cart'],
    ['why? because #1', 'why? because #1'],
  ])('%s', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  test('addresses lose credentials, query and fragment; attributes lose the user', () => {
    expect(cleanUrl('https://a:b@shop.example/x?y#z')).toBe('https://shop.example/x');
    expect(cleanAttributes({ 'user.id': '1', user_email: 'a', 'enduser.id': '2', 'url.query': 'q' })).toEqual({});
    expect(cleanAttributes({ 'user-agent': 'x', step: 'a@b.example' })).toEqual({ 'user-agent': 'x', step: '[email]' });
  });

  test('a long text is cut, and cleaning it takes no time', () => {
    const started = performance.now();
    for (const text of ['a'.repeat(1e6), '1 '.repeat(5e5), 'a://'.repeat(2e5), 'a@'.repeat(5e5), 'a.'.repeat(5e5)]) {
      expect(cleanText(text).length).toBeLessThanOrEqual(8_193);
    }
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
