import { expect, test } from 'vitest';
import { staleMarkerBits } from '#telemetry/rows';
import { readMetricsRequestJson } from '../json/metrics.ts';
import { createSeriesCache } from './series-cache.ts';
import { createBatch, type MetricsBatch } from './translate.ts';

const nowMs = 1_800_000_000_000;
const at = { timeUnixNano: '1700000002000999999', startTimeUnixNano: '1700000000000000000' };
const cumulative = 2;
const delta = 1;

function attribute(key: string, value: string): object {
  return { key, value: { stringValue: value } };
}

type Overrides = { resource?: object[]; scope?: object; cache?: ReturnType<typeof createSeriesCache> };

function translate(
  metrics: object[],
  { resource = [], scope, cache = createSeriesCache() }: Overrides = {},
): MetricsBatch {
  const batch = createBatch(nowMs);
  const request = {
    resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ ...(scope && { scope }), metrics }] }],
  };
  readMetricsRequestJson(Buffer.from(JSON.stringify(request)), cache, batch);
  return batch;
}

function fromBits(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** `name{label="value"} value` of each sample, in order. */
function text({ samples, series }: MetricsBatch): string[] {
  return samples.map(({ valueBits }, index) => {
    const { metric = '', labels = {} } = series[index] ?? {};
    const inner = Object.keys(labels)
      .sort()
      .map((name) => `${name}="${labels[name]}"`);
    return `${metric}{${inner.join(',')}} ${valueBits === staleMarkerBits ? 'stale' : fromBits(valueBits)}`;
  });
}

test.each([
  ['a gauge', { name: 'g', gauge: { dataPoints: [{ ...at, asDouble: 1.5 }] } }, ['g{} 1.5']],
  ['an integer as a string', { name: 'g', gauge: { dataPoints: [{ ...at, asInt: '-7' }] } }, ['g{} -7']],
  ['an integer as a number', { name: 'g', gauge: { dataPoints: [{ ...at, asInt: 7 }] } }, ['g{} 7']],
  ['infinity', { name: 'g', gauge: { dataPoints: [{ ...at, asDouble: 'Infinity' }] } }, ['g{} Infinity']],
  [
    'a monotonic sum',
    { name: 'c', sum: { aggregationTemporality: cumulative, isMonotonic: true, dataPoints: [{ ...at, asInt: '3' }] } },
    ['c_total{} 3'],
  ],
  [
    'a sum that goes both ways',
    { name: 'c', sum: { aggregationTemporality: cumulative, dataPoints: [{ ...at, asInt: '3' }] } },
    ['c{} 3'],
  ],
  [
    'a histogram',
    {
      name: 'h',
      unit: 's',
      histogram: {
        aggregationTemporality: cumulative,
        dataPoints: [{ ...at, count: '6', sum: 9.5, bucketCounts: ['1', '2', '3'], explicitBounds: [0.5, 1] }],
      },
    },
    [
      'h_seconds_bucket{le="0.5"} 1',
      'h_seconds_bucket{le="1"} 3',
      'h_seconds_bucket{le="+Inf"} 6',
      'h_seconds_sum{} 9.5',
      'h_seconds_count{} 6',
    ],
  ],
  [
    'a histogram without buckets and without sum',
    { name: 'h', histogram: { aggregationTemporality: cumulative, dataPoints: [{ ...at, count: '6' }] } },
    ['h_bucket{le="+Inf"} 6', 'h_count{} 6'],
  ],
  [
    'a summary',
    {
      name: 's',
      summary: { dataPoints: [{ ...at, count: '2', sum: 3, quantileValues: [{ quantile: 0.99, value: 2 }] }] },
    },
    ['s{quantile="0.99"} 2', 's_sum{} 3', 's_count{} 2'],
  ],
  ['a series that has gone', { name: 'g', gauge: { dataPoints: [{ ...at, flags: 1 }] } }, ['g{} stale']],
])('%s becomes the series that the compatibility rules say', (_name, metric, expected) => {
  expect(text(translate([metric]))).toEqual(expected);
});

test('a counter keeps its start time, a gauge has none', () => {
  const counter = {
    name: 'c',
    sum: { aggregationTemporality: cumulative, isMonotonic: true, dataPoints: [{ ...at, asInt: 1 }] },
  };
  const gauge = { name: 'g', gauge: { dataPoints: [{ ...at, asInt: 1 }] } };
  const { samples } = translate([counter, gauge]);
  expect(samples.map(({ timestampMs, startMs }) => [timestampMs, startMs])).toEqual([
    [1_700_000_002_000, 1_700_000_000_000],
    [1_700_000_002_000, 0],
  ]);
});

test('a delta sum is kept as it came, told apart by its temporality', () => {
  const metric = {
    name: 'c',
    sum: { aggregationTemporality: delta, isMonotonic: true, dataPoints: [{ ...at, asInt: 4 }] },
  };
  expect(translate([metric]).series).toMatchObject([{ metric: 'c_total', type: 'counter', temporality: 'delta' }]);
});

test('job, instance and scope become labels, the rest of the resource target_info', () => {
  const batch = translate(
    [{ name: 'g', gauge: { dataPoints: [{ ...at, asInt: 1, attributes: [attribute('job', 'mine')] }] } }],
    {
      resource: [
        attribute('service.name', 'cart'),
        attribute('service.namespace', 'shop'),
        attribute('service.instance.id', 'cart-1'),
        attribute('host.name', 'h'),
      ],
      scope: { name: 'lib', version: '2', attributes: [attribute('a.b', 'c')] },
    },
  );
  expect(text(batch)).toEqual([
    'g{instance="cart-1",job="shop/cart",otel_scope_a_b="c",otel_scope_name="lib",otel_scope_version="2"} 1',
    'target_info{host_name="h",instance="cart-1",job="shop/cart"} 1',
  ]);
});

test('attributes whose names collide are joined in the order of their names', () => {
  const attributes = [attribute('a_b', 'second'), attribute('a.b', 'first'), attribute('empty', '')];
  const batch = translate([{ name: 'g', gauge: { dataPoints: [{ ...at, asInt: 1, attributes }] } }]);
  expect(text(batch)).toEqual(['g{a_b="first;second"} 1']);
});

test('the same series has the same fingerprint whatever the order of its attributes, and another one otherwise', () => {
  const gauge = (...attributes: object[]): object => ({
    name: 'g',
    gauge: { dataPoints: [{ ...at, asInt: 1, attributes }] },
  });
  const { samples } = translate([
    gauge(attribute('a', '1'), attribute('b', '2')),
    gauge(attribute('b', '2'), attribute('a', '1')),
    gauge(attribute('a', '12')),
  ]);
  expect(samples[0]?.fingerprint).toBe(samples[1]?.fingerprint);
  expect(samples[0]?.fingerprint).not.toBe(samples[2]?.fingerprint);
});

test('a warm cache gives the same samples as a cold one', () => {
  const cache = createSeriesCache();
  const metric = {
    name: 'h',
    histogram: {
      aggregationTemporality: cumulative,
      dataPoints: [
        { ...at, count: 3, sum: 1, bucketCounts: [1, 2], explicitBounds: [1], attributes: [attribute('a', 'b')] },
      ],
    },
  };
  const cold = translate([metric], { cache });
  const warm = translate([metric], { cache });
  expect(cold.pointsMet).toBe(1);
  expect(warm.pointsMet).toBe(0);
  expect(text(warm)).toEqual(text(cold));
  expect(warm.samples).toEqual(cold.samples);
});

test('points that make no sense are counted and explained, the others stored', () => {
  const batch = translate([
    { name: 'ok', gauge: { dataPoints: [{ ...at, asInt: 1 }] } },
    { name: '…', gauge: { dataPoints: [{ ...at, asInt: 1 }] } },
    { name: 'h', histogram: { dataPoints: [{ ...at, count: 1, bucketCounts: [1], explicitBounds: [1] }] } },
    { name: 'none', gauge: { dataPoints: [{ ...at }] } },
  ]);
  expect(text(batch)).toEqual(['ok{} 1']);
  expect(batch.rejectedPoints).toBe(3);
  expect(batch.rejectedReason).toContain('…');
});

function exponential(point: object): Map<string, number> {
  const metric = {
    name: 'e',
    exponentialHistogram: { aggregationTemporality: cumulative, dataPoints: [{ ...at, ...point }] },
  };
  const { samples, series } = translate([metric]);
  return new Map(
    samples.map((sample, index) => [
      series[index]?.labels.le ?? series[index]?.metric ?? '',
      fromBits(sample.valueBits),
    ]),
  );
}

test('an exponential histogram becomes cumulative buckets at exact bounds', () => {
  // Scale 2: bounds are powers of 2^(1/4). Bucket 0 is (1, 1.19], bucket 3 is (1.68, 2], bucket 4 is (2, 2.38].
  const buckets = exponential({
    count: 10,
    sum: 12,
    scale: 2,
    zeroCount: 1,
    positive: { offset: 0, bucketCounts: [2, 0, 0, 3, 4] },
  });
  expect(buckets.get('0')).toBe(1);
  expect(buckets.get('2')).toBe(6);
  expect(buckets.get('4')).toBe(10);
  expect(buckets.get('256')).toBe(10);
  expect(buckets.get('+Inf')).toBe(10);
  expect(buckets.get('e_count')).toBe(10);
});

test('the bounds of an exponential histogram stay while its values stay within eight octaves', () => {
  const few = exponential({ count: 1, scale: 0, positive: { offset: 1, bucketCounts: [1] } });
  const more = exponential({ count: 3, scale: 0, positive: { offset: 0, bucketCounts: [1, 1, 0, 0, 0, 1] } });
  expect([...few.keys()]).toEqual([...more.keys()]);
});

test.each([
  ['far beyond the doubles', { count: 1, scale: -10, positive: { offset: 5, bucketCounts: [1] } }],
  ['far below the doubles', { count: 1, scale: 0, positive: { offset: -2_000, bucketCounts: [1] } }],
])('an exponential histogram %s still has finite, rising bounds and its count', (_name, point) => {
  const bounds = [...exponential(point).keys()].filter((key) => /^\d/.test(key)).map(Number);
  expect(bounds.every((bound, index) => Number.isFinite(bound) && bound > (bounds[index - 1] ?? -1))).toBe(true);
  expect(exponential(point).get('+Inf')).toBe(1);
});
