import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode } from './test-requests.ts';

const examples = join(import.meta.dirname, 'examples');

describe('the examples of opentelemetry-proto', () => {
  const read = (file: string): Buffer => readFileSync(join(examples, file));

  test('trace.json', async () => {
    const { spans } = await decode('traces', 'json', read('trace.json'));
    expect(spans).toMatchObject([
      {
        TraceId: '5b8efff798038103d269b633813fc60c',
        SpanId: 'eee19b7ec3c1b174',
        ParentSpanId: 'eee19b7ec3c1b173',
        SpanName: "I'm a server span",
        SpanKind: 'Server',
        Timestamp: '1544712660000000000',
        Duration: 1_000_000_000,
        ServiceName: 'my.service',
        SpanAttributes: { 'my.span.attr': 'some value' },
      },
    ]);
  });

  test.each([
    ['logs.json', 'Example log record', { 'int.attribute': '10', 'array.attribute': '["many","values"]' }],
    ['events.json', /"type":0/, { 'event.name': 'browser.page_view' }],
  ])('%s', async (file, body, attributes) => {
    const { logs } = await decode('logs', 'json', read(file));
    expect(logs).toMatchObject([{ LogAttributes: attributes, ServiceName: 'my.service' }]);
    expect(logs[0]?.Body).toMatch(body);
  });

  test('metrics.json', async () => {
    const { series, samples } = await decode('metrics', 'json', read('metrics.json'));
    const names = new Set(series.map(({ metric }) => metric));
    expect([...names].sort()).toEqual([
      'my_counter_total',
      'my_exponential_histogram_bucket',
      'my_exponential_histogram_count',
      'my_exponential_histogram_sum',
      'my_gauge_ratio',
      'my_histogram_bucket',
      'my_histogram_count',
      'my_histogram_sum',
    ]);
    expect(samples.length).toBe(series.length);
  });
});
