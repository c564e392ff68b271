import { gzipSync } from 'node:zlib';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { startTestCollectors, type TestCollectors } from '../test-collectors.ts';

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

async function rows<Row>(query: string): Promise<Row[]> {
  return (await store.client.query({ query, format: 'JSONEachRow' })).json<Row>();
}

async function count(query: string): Promise<number> {
  return Number((await rows<{ n: string }>(`SELECT count() AS n ${query}`))[0]?.n);
}

function jsonTrace(service: string, traceId: string): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId: traceId.slice(0, 16),
                name: 'GET /',
                kind: 2,
                startTimeUnixNano: `${Date.now()}000001`,
                endTimeUnixNano: `${Date.now()}000009`,
                aFieldOfTomorrow: { nested: [1] },
              },
            ],
          },
        ],
      },
    ],
  });
}

function post(path: string, body: BodyInit, headers: Record<string, string>): Promise<Response> {
  return fetch(`${collectors.url}${path}`, { method: 'POST', body, headers });
}

const json = { 'content-type': 'application/json' };
const protobuf = { 'content-type': 'application/x-protobuf' };

describe.each(['protobuf', 'json'] as const)('a stock SDK that speaks %s', (encoding) => {
  const service = `stock-${encoding}`;
  const resource = resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'outside',
    'service.instance.id': `${service}-1`,
    'deployment.environment.name': 'test',
  });

  test('has its spans in the store once, with kind, status, attributes, events and parent', async () => {
    const exporter = encoding === 'protobuf' ? OTLPTraceExporter : JsonTraceExporter;
    const provider = new TracerProvider({
      resource,
      spanProcessors: [new BatchSpanProcessor({ exporter: new exporter({ url: `${collectors.url}/v1/traces` }) })],
    });
    const tracer = provider.getTracer('library', '1.2.3');
    const span = tracer.startSpan('GET /things', {
      kind: SpanKind.SERVER,
      attributes: { 'http.route': '/things', big: 2 ** 40, share: 0.5, list: ['a', 'b'], yes: true },
    });
    span.addEvent('cache miss', { key: 'k' });
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'boom' });
    span.end();
    await provider.forceFlush();
    await provider.shutdown();
    const stored = await rows<Record<string, unknown>>(
      `SELECT *, toUnixTimestamp64Milli(Timestamp) AS ms FROM otel_traces WHERE ServiceName = '${service}'`,
    );
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({
      TraceId: span.spanContext().traceId,
      SpanId: span.spanContext().spanId,
      ParentSpanId: '',
      SpanName: 'GET /things',
      SpanKind: 'Server',
      StatusCode: 'Error',
      StatusMessage: 'boom',
      ScopeName: 'library',
      ScopeVersion: '1.2.3',
      SpanAttributes: { 'http.route': '/things', big: '1099511627776', share: '0.5', list: '["a","b"]', yes: 'true' },
      'Events.Name': ['cache miss'],
      'Events.Attributes': [{ key: 'k' }],
    });
    expect(stored[0]?.ResourceAttributes).toMatchObject({ 'deployment.environment.name': 'test' });
    expect(Math.abs(Number(stored[0]?.ms) - Date.now())).toBeLessThan(60_000);
  });

  test('has its log records in the store, tied to their trace', async () => {
    const exporter = encoding === 'protobuf' ? OTLPLogExporter : JsonLogExporter;
    const provider = new LoggerProvider({
      resource,
      processors: [new BatchLogRecordProcessor({ exporter: new exporter({ url: `${collectors.url}/v1/logs` }) })],
    });
    provider.getLogger('library').emit({
      severityNumber: 17,
      severityText: 'ERROR',
      body: { message: 'payment failed', code: 7 },
      attributes: { orderId: 'o-1' },
    });
    await provider.forceFlush();
    await provider.shutdown();
    const stored = await rows<Record<string, unknown>>(`SELECT * FROM otel_logs WHERE ServiceName = '${service}'`);
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({
      SeverityText: 'ERROR',
      SeverityNumber: 17,
      Body: '{"message":"payment failed","code":7}',
      LogAttributes: { orderId: 'o-1' },
    });
  });

  test('has its metrics in the store as Prometheus series', async () => {
    const exporter = encoding === 'protobuf' ? OTLPMetricExporter : JsonMetricExporter;
    const reader = new PeriodicExportingMetricReader({
      exporter: new exporter({ url: `${collectors.url}/v1/metrics` }),
      exportIntervalMillis: 60_000,
    });
    const provider = new MeterProvider({ resource, readers: [reader] });
    const meter = provider.getMeter('library', '1.2.3');
    meter.createCounter('orders.placed', { unit: '{order}' }).add(3, { 'customer.kind': 'new' });
    meter
      .createHistogram('http.server.request.duration', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1] } })
      .record(0.5);
    meter.createGauge('pool.usage', { unit: '1' }).record(0.25);
    await provider.forceFlush();
    await provider.shutdown();
    const samples = await rows<{ metric: string; labels: Record<string, string>; value: number; type: string }>(
      `SELECT metric, labels, type, value FROM samples INNER JOIN series USING (fingerprint)
       WHERE labels['job'] = 'outside/${service}' ORDER BY metric, labels['le']`,
    );
    const byName = (metric: string) => samples.filter((sample) => sample.metric === metric);
    expect(byName('orders_placed_total')[0]).toMatchObject({
      value: 3,
      type: 'counter',
      labels: {
        customer_kind: 'new',
        instance: `${service}-1`,
        otel_scope_name: 'library',
        otel_scope_version: '1.2.3',
      },
    });
    const buckets = byName('http_server_request_duration_seconds_bucket');
    expect(Object.fromEntries(buckets.map(({ labels, value }) => [labels.le, value]))).toEqual({
      '0.1': 0,
      '1': 1,
      '+Inf': 1,
    });
    expect(byName('pool_usage_ratio')[0]?.value).toBe(0.25);
    expect(byName('target_info')[0]?.labels).toMatchObject({ deployment_environment_name: 'test' });
  });
});

test('a request sent again is acknowledged again and stored once', async () => {
  const body = jsonTrace('repeated', 'a'.repeat(32));
  const together = await Promise.all([post('/v1/traces', body, json), post('/v1/traces', body, json)]);
  const later = await post('/v1/traces', body, json);
  const compressed = await post('/v1/traces', gzipSync(body), { ...json, 'content-encoding': 'gzip' });
  expect([...together, later, compressed].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(await count("FROM otel_traces WHERE ServiceName = 'repeated'")).toBe(1);
  expect(await count("FROM spans_recent WHERE service = 'repeated'")).toBe(1);
});

describe('a request that cannot be accepted', () => {
  const bomb = gzipSync(Buffer.alloc(3_000_000));
  test.each([
    ['broken protobuf', '/v1/traces', Buffer.from([0x0a, 0x7f, 0x01]), protobuf, 400],
    ['JSON that claims to be protobuf', '/v1/traces', '{"resourceSpans":[]}', protobuf, 400],
    ['broken JSON', '/v1/logs', '{"resourceLogs":[', json, 400],
    ['a trace id of the wrong length', '/v1/traces', jsonTrace('bad', 'abc'), json, 400],
    ['a field of the wrong type', '/v1/metrics', '{"resourceMetrics":{}}', json, 400],
    ['broken gzip', '/v1/traces', 'not gzip', { ...json, 'content-encoding': 'gzip' }, 400],
    ['a body too large', '/v1/traces', Buffer.alloc(2_000_000), protobuf, 413],
    ['a body too large once decompressed', '/v1/traces', bomb, { ...protobuf, 'content-encoding': 'gzip' }, 413],
    ['an unknown type', '/v1/traces', 'hello', { 'content-type': 'text/plain' }, 415],
    ['an unknown encoding', '/v1/traces', '{}', { ...json, 'content-encoding': 'br' }, 415],
  ])('%s', async (_name, path, body, headers, status) => {
    const response = await post(path, body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe(
      headers['content-type'] === 'application/x-protobuf' ? 'application/x-protobuf' : 'application/json',
    );
    if (headers['content-type'] !== 'application/x-protobuf') {
      expect((await response.json()) as object).toMatchObject({ message: expect.stringMatching(/\w+/) });
    } else expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(4);
  });

  test('a GET is told to POST', async () => {
    const response = await fetch(`${collectors.url}/v1/traces`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

test('while the store is away senders are told to come back, and what they then send again is stored once', async () => {
  const body = jsonTrace('patient', 'b'.repeat(32));
  await store.kill();
  const refused = await post('/v1/traces', body, json);
  expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([503, 2]);
  await store.restart();
  let status = 503;
  for (let attempt = 0; attempt < 100 && status !== 200; attempt++) {
    status = (await post('/v1/traces', body, json)).status;
    if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(status).toBe(200);
  expect(await count("FROM otel_traces WHERE ServiceName = 'patient'")).toBe(1);
}, 60_000);
