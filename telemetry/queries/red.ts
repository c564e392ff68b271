import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

/** Rate, errors and duration of a service in one step; `bucketMs` is the step's start, a multiple of its length. */
export type RedBucket = {
  service: string;
  bucketMs: number;
  requests: number;
  errors: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
};

/** A service over a whole range. `errorShare` is 0 to 1. */
export type ServiceRed = {
  service: string;
  requests: number;
  errors: number;
  ratePerSecond: number;
  errorShare: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
};

const bucketSeconds = 10;

/** Requests answered per service and step, in order; steps without requests are absent. `stepSeconds` is at least ten. */
export function readRed(
  client: TelemetryClient,
  options: { service?: string; operations?: readonly string[]; fromMs: number; toMs: number; stepSeconds: number },
): Promise<RedBucket[]> {
  const { service, operations = [], fromMs, toMs, stepSeconds } = options;
  const query = `
    SELECT
      service,
      toFloat64(intDiv(toUnixTimestamp(bucket), {step:UInt32}) * {step:UInt32}) * 1000 AS bucketMs,
      toFloat64(sum(red_10s.requests)) AS requests,
      toFloat64(sum(red_10s.errors)) AS errors,
      quantilesTDigestMerge(0.5, 0.95, 0.99)(duration_ms) AS quantiles,
      toFloat64(quantiles[1]) AS p50Ms, toFloat64(quantiles[2]) AS p95Ms, toFloat64(quantiles[3]) AS p99Ms
    FROM red_10s
    WHERE bucket >= toDateTime({from:UInt32}) AND bucket < toDateTime({to:UInt32}) AND kind != 'client'
      AND ({service:String} = '' OR service = {service:String})
      AND (empty({operations:Array(String)}) OR operation IN {operations:Array(String)})
    GROUP BY service, bucketMs
    ORDER BY service, bucketMs`;
  const params = {
    step: Math.max(bucketSeconds, Math.round(stepSeconds)),
    from: Math.floor(fromMs / 10_000) * bucketSeconds,
    to: Math.ceil(toMs / 1_000),
    service: service ?? '',
    operations,
  };
  return readRows<RedBucket>(client, query, params);
}

/** Every service that answered requests between two times (Unix ms, to ten seconds), by name. */
export function readServices(
  client: TelemetryClient,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<ServiceRed[]> {
  const fromSeconds = Math.floor(fromMs / 10_000) * bucketSeconds;
  const query = `
    SELECT
      service,
      toFloat64(sum(red_10s.requests)) AS requests,
      toFloat64(sum(red_10s.errors)) AS errors,
      requests / {seconds:Float64} AS ratePerSecond,
      errors / requests AS errorShare,
      quantilesTDigestMerge(0.5, 0.95, 0.99)(duration_ms) AS quantiles,
      toFloat64(quantiles[1]) AS p50Ms, toFloat64(quantiles[2]) AS p95Ms, toFloat64(quantiles[3]) AS p99Ms
    FROM red_10s
    WHERE bucket >= toDateTime({from:UInt32}) AND bucket < toDateTime({to:UInt32}) AND kind != 'client'
    GROUP BY service
    HAVING requests > 0
    ORDER BY service`;
  const seconds = Math.max(1, toMs / 1_000 - fromSeconds);
  return readRows<ServiceRed>(client, query, { from: fromSeconds, to: Math.ceil(toMs / 1_000), seconds });
}
