import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

/**
 * What is counted for an SLI over a service's server and consumer spans (requests and messages), narrowed to one of these
 * kinds, to routes and to methods where given.
 * `countUnanswered` adds, as bad, the calls of others to the service that failed without an answer (whatever the route).
 */
export type SpanSli = {
  id: string;
  service: string;
  spanKind?: 'server' | 'consumer';
  routes?: string[];
  methods?: string[];
  bad: { kind: 'error' } | { kind: 'slower'; thresholdMs: number };
  countUnanswered: boolean;
};

/** Counts of one batch for one SLI. Times are Unix ms; `firstBadMs` is the end of the earliest bad span, null without one. */
export type SpanCount = {
  batchId: string;
  arrivedMs: number;
  sliId: string;
  good: number;
  bad: number;
  firstBadMs: number | null;
  firstBadArrivedMs: number | null;
};

/** Good and bad spans per SLI and batch among those that arrived in a span of time, both ends included. */
export async function countSpansByBatch(
  client: TelemetryClient,
  { slis, fromArrivedMs, toArrivedMs }: { slis: readonly SpanSli[]; fromArrivedMs: number; toArrivedMs: number },
): Promise<SpanCount[]> {
  if (slis.length === 0) return [];
  const query = `
    SELECT
      toString(batch_id) AS batchId,
      toFloat64(toUnixTimestamp64Milli(max(arrived_at))) AS arrivedMs,
      sli_id AS sliId,
      toFloat64(countIf(NOT is_bad)) AS good,
      toFloat64(countIf(is_bad)) AS bad,
      if(bad > 0, toFloat64(toUnixTimestamp64Milli(minIf(ts, is_bad))), NULL) AS firstBadMs,
      if(bad > 0, toFloat64(toUnixTimestamp64Milli(minIf(arrived_at, is_bad))), NULL) AS firstBadArrivedMs
    FROM
    (
      SELECT
        batch_id, arrived_at, ts, sli_id,
        kind = 'client' OR if(sli_threshold < 0, error = 1, duration_ms > sli_threshold) AS is_bad
      FROM spans_recent
      ARRAY JOIN
        {ids:Array(String)} AS sli_id,
        {services:Array(String)} AS sli_service,
        {kinds:Array(Array(String))} AS sli_kinds,
        {routes:Array(Array(String))} AS sli_routes,
        {methods:Array(Array(String))} AS sli_methods,
        {thresholds:Array(Float64)} AS sli_threshold,
        {unanswered:Array(UInt8)} AS sli_unanswered
      PREWHERE arrived_at >= fromUnixTimestamp64Milli({from:Int64}) AND arrived_at <= fromUnixTimestamp64Milli({to:Int64})
        AND (kind IN ('server', 'consumer') OR (kind = 'client' AND error = 1 AND answered = 0))
      WHERE
        (
          service = sli_service AND has(sli_kinds, toString(kind))
          AND (empty(sli_routes) OR has(sli_routes, toString(route)))
          AND (empty(sli_methods) OR has(sli_methods, toString(method)))
        )
        OR
        (
          sli_unanswered = 1 AND kind = 'client' AND peer = sli_service AND error = 1 AND answered = 0
          AND (empty(sli_methods) OR has(sli_methods, toString(method)))
        )
    )
    GROUP BY batch_id, sli_id
    ORDER BY batch_id, sli_id
    SETTINGS max_threads = 1`;
  return readRows<SpanCount>(client, query, {
    from: fromArrivedMs,
    to: toArrivedMs,
    ids: slis.map((sli) => sli.id),
    services: slis.map((sli) => sli.service),
    kinds: slis.map(({ spanKind }) => (spanKind === undefined ? ['server', 'consumer'] : [spanKind])),
    routes: slis.map((sli) => sli.routes ?? []),
    methods: slis.map((sli) => sli.methods ?? []),
    thresholds: slis.map((sli) => (sli.bad.kind === 'slower' ? sli.bad.thresholdMs : -1)),
    unanswered: slis.map((sli) => (sli.countUnanswered ? 1 : 0)),
  });
}

/** A service seen in spans: server spans since a time, and when the first of them ended (Unix ms, to ten seconds). */
export type SpanService = { service: string; requests: number; firstSeenMs: number };

/** Services that answered requests since `sinceMs`, for SLOs that nobody declared. */
export function listSpanServices(client: TelemetryClient, { sinceMs }: { sinceMs: number }): Promise<SpanService[]> {
  const query = `
    SELECT service, toFloat64(sum(requests)) AS requests, toFloat64(toUnixTimestamp(min(bucket))) * 1000 AS firstSeenMs
    FROM red_10s
    WHERE kind = 'server' AND service != '' AND bucket >= toDateTime({since:UInt32})
    GROUP BY service
    ORDER BY service`;
  return readRows<SpanService>(client, query, { since: Math.floor(sinceMs / 1_000) });
}
