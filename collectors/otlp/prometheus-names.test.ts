import { describe, expect, test } from 'vitest';
import { prometheusLabelName, prometheusMetricName, prometheusUnit, renderBound } from './prometheus-names.ts';

describe('a metric name follows the OpenTelemetry compatibility rules', () => {
  test.each([
    ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
    ['system.filesystem.usage', 'By', 'gauge', 'system_filesystem_usage_bytes'],
    ['(lambda).function.executions(#)', '', 'gauge', 'lambda_function_executions'],
    ['system.network.dropped', '{packets}', 'gauge', 'system_network_dropped'],
    ['system.network.dropped', 'packets', 'gauge', 'system_network_dropped_packets'],
    ['system.memory.utilization', '1', 'gauge', 'system_memory_utilization_ratio'],
    ['cache.hits', '1', 'counter', 'cache_hits_total'],
    ['requests_total', '', 'counter', 'requests_total'],
    ['total.requests', '', 'counter', 'requests_total'],
    ['disk.read', 'By/s', 'gauge', 'disk_read_bytes_per_second'],
    ['astro.speed', 'm/{run}', 'gauge', 'astro_speed_meters'],
    ['queue.rate', '{message}/s', 'gauge', 'queue_rate_per_second'],
    ['cpu.time.seconds', 's', 'counter', 'cpu_time_seconds_total'],
    ['gc.pause', 'ms', 'histogram', 'gc_pause_milliseconds'],
    ['cpu.usage', '%', 'gauge', 'cpu_usage_percent'],
    ['3d.prints', '', 'counter', '_3d_prints_total'],
    ['a::b__c', '', 'gauge', 'a::b_c'],
    ['weird', 'constructor', 'gauge', 'weird_constructor'],
    ['€€€', '', 'gauge', ''],
  ] as const)('%s [%s] %s → %s', (name, unit, kind, expected) => {
    expect(prometheusMetricName(name, unit, kind)).toBe(expected);
  });
});

test.each([
  ['s', 'histogram', 'seconds'],
  ['By/s', 'gauge', 'bytes_per_second'],
  ['1', 'gauge', 'ratio'],
  ['1', 'counter', ''],
  ['{request}', 'counter', ''],
] as const)('unit %s of a %s is %s', (unit, kind, expected) => {
  expect(prometheusUnit(unit, kind)).toBe(expected);
});

test.each([
  ['http.method', 'http_method'],
  ['a..b', 'a_b'],
  ['1st', 'key_1st'],
  ['_private', 'key_private'],
  ['__name__', 'key_name_'],
  ['naïve', 'na_ve'],
])('label %s becomes %s', (name, expected) => {
  expect(prometheusLabelName(name)).toBe(expected);
});

test.each([
  [0.005, '0.005'],
  [10, '10'],
  [1e21, '1000000000000000000000'],
  [1.5e-7, '0.00000015'],
  [1.25e22, '12500000000000000000000'],
  [-2.5e-9, '-0.0000000025'],
  [Number.POSITIVE_INFINITY, '+Inf'],
])('bound %d is written %s, without an exponent', (bound, expected) => {
  expect(renderBound(bound)).toBe(expected);
  if (Number.isFinite(bound)) expect(Number(expected)).toBe(bound);
});
