import type { TelemetryClient } from '../client.ts';
import type { Attributes } from '../rows.ts';
import { failedSpan, readRows } from './read.ts';

/**
 * A trace, described by the span that was looked for: the service's longest, or the trace's first where no service was named.
 * `spanCount` counts the whole trace.
 */
export type TraceSummary = {
  traceId: string;
  service: string;
  name: string;
  startMs: number;
  durationMs: number;
  error: boolean;
  spanCount: number;
};

export type TraceSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  service: string;
  kind: 'server' | 'client' | 'consumer' | 'producer' | 'internal';
  name: string;
  /** Unix ms with a fraction. */
  startMs: number;
  durationMs: number;
  error: boolean;
  statusCode: string;
  statusMessage: string;
  attributes: Attributes;
  resourceAttributes: Attributes;
  events: { timeMs: number; name: string; attributes: Attributes }[];
};

export type TraceQuery = {
  service?: string;
  operation?: string;
  onlyErrors?: boolean;
  minDurationMs?: number;
  fromMs: number;
  toMs: number;
  order: 'slowest' | 'newest';
  limit: number;
};

/** How far the other spans of a trace may lie from the one that was found. */
const traceReachMs = 3_600_000;

const orders: Record<TraceQuery['order'], string> = { slowest: 'durationMs DESC', newest: 'startMs DESC' };

/** Traces that have a matching server or consumer span which began between two times (Unix ms). */
export async function findTraces(client: TelemetryClient, options: TraceQuery): Promise<TraceSummary[]> {
  const where = [
    'Timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND Timestamp < fromUnixTimestamp64Milli({to:Int64})',
    "TraceId != ''",
    options.service === undefined
      ? "ParentSpanId = ''"
      : "ServiceName = {service:String} AND SpanKind IN ('Server', 'Consumer')",
    ...(options.operation === undefined
      ? []
      : ["(SpanName = {operation:String} OR SpanAttributes['http.route'] = {operation:String})"]),
    ...(options.onlyErrors === true ? [failedSpan] : []),
    ...(options.minDurationMs === undefined ? [] : ['Duration >= {minDuration:Float64} * 1e6']),
  ];
  const query = `
    WITH found AS
    (
      SELECT
        TraceId AS traceId,
        argMax(ServiceName, Duration) AS service,
        argMax(SpanName, Duration) AS name,
        toFloat64(argMax(toUnixTimestamp64Milli(toDateTime64(Timestamp, 3)), Duration)) AS startMs,
        max(Duration) / 1e6 AS durationMs,
        toUInt8(max(${failedSpan})) AS error
      FROM otel_traces
      WHERE ${where.join(' AND ')}
      GROUP BY TraceId
      ORDER BY ${orders[options.order]}, TraceId
      LIMIT {limit:UInt32}
    )
    SELECT found.*, toFloat64(counted.spans) AS spanCount
    FROM found
    INNER JOIN
    (
      SELECT TraceId, count() AS spans FROM otel_traces
      WHERE TraceId IN (SELECT traceId FROM found)
        AND Timestamp >= fromUnixTimestamp64Milli({from:Int64} - {reach:Int64})
        AND Timestamp < fromUnixTimestamp64Milli({to:Int64} + {reach:Int64})
      GROUP BY TraceId
    ) AS counted ON counted.TraceId = found.traceId
    ORDER BY ${orders[options.order]}, traceId`;
  const rows = await readRows<Omit<TraceSummary, 'error'> & { error: number }>(client, query, {
    from: options.fromMs,
    to: options.toMs,
    reach: traceReachMs,
    limit: options.limit,
    service: options.service ?? '',
    operation: options.operation ?? '',
    minDuration: options.minDurationMs ?? 0,
  });
  return rows.map((row) => ({ ...row, error: row.error === 1 }));
}

/**
 * Traces of a session, the newest first: those with a span that names it in `session.id` and began between two times (Unix
 * ms). A trace is described by its first server span, since browsers call theirs GET and POST; its duration is the whole
 * trace's.
 */
export async function findSessionTraces(
  client: TelemetryClient,
  { sessionId, fromMs, toMs, limit }: { sessionId: string; fromMs: number; toMs: number; limit: number },
): Promise<TraceSummary[]> {
  const query = `
    SELECT
      TraceId AS traceId, argMin(ServiceName, (SpanKind != 'Server', Timestamp)) AS service,
      argMin(SpanName, (SpanKind != 'Server', Timestamp)) AS name,
      toFloat64(toUnixTimestamp64Milli(toDateTime64(min(Timestamp), 3))) AS startMs,
      (max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)) - min(toUnixTimestamp64Nano(Timestamp))) / 1e6 AS durationMs,
      toUInt8(max(${failedSpan})) AS error, toFloat64(count()) AS spanCount
    FROM otel_traces
    WHERE TraceId IN
    (
      SELECT TraceId FROM otel_traces
      WHERE Timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND Timestamp < fromUnixTimestamp64Milli({to:Int64})
        AND SpanAttributes['session.id'] = {session:String} AND TraceId != ''
      GROUP BY TraceId ORDER BY max(Timestamp) DESC LIMIT {limit:UInt32}
    )
      AND Timestamp >= fromUnixTimestamp64Milli({from:Int64} - {reach:Int64})
      AND Timestamp < fromUnixTimestamp64Milli({to:Int64} + {reach:Int64})
    GROUP BY TraceId
    ORDER BY startMs DESC, traceId`;
  const rows = await readRows<Omit<TraceSummary, 'error'> & { error: number }>(client, query, {
    ...{ from: fromMs, to: toMs, reach: traceReachMs, session: sessionId, limit },
  });
  return rows.map((row) => ({ ...row, error: row.error === 1 }));
}

type StoredSpan = Omit<TraceSpan, 'error' | 'events'> & {
  error: number;
  eventTimes: number[];
  eventNames: string[];
  eventAttributes: Attributes[];
};

/**
 * All spans of a trace in order of their start, up to 10,000; empty when there is no such trace. The end is compared as
 * DateTime64: before a whole number of seconds, ClickHouse's index holds none of the second before, and leaves out a part
 * that begins in it.
 */
export async function readTrace(client: TelemetryClient, traceId: string): Promise<TraceSpan[]> {
  const query = `
    WITH
      (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId = {traceId:String}) AS first,
      (SELECT max(End) FROM otel_traces_trace_id_ts WHERE TraceId = {traceId:String}) AS last
    SELECT
      TraceId AS traceId, SpanId AS spanId, ParentSpanId AS parentSpanId, ServiceName AS service,
      if(SpanKind IN ('Server', 'Client', 'Producer', 'Consumer'), lower(SpanKind), 'internal') AS kind, SpanName AS name,
      intDiv(toUnixTimestamp64Nano(Timestamp), 1000) / 1000 AS startMs, Duration / 1e6 AS durationMs, toUInt8(${failedSpan}) AS error,
      StatusCode AS statusCode, StatusMessage AS statusMessage, SpanAttributes AS attributes,
      ResourceAttributes AS resourceAttributes,
      arrayMap(time -> intDiv(toUnixTimestamp64Nano(time), 1000) / 1000, Events.Timestamp) AS eventTimes,
      Events.Name AS eventNames, Events.Attributes AS eventAttributes
    FROM otel_traces
    WHERE TraceId = {traceId:String} AND Timestamp >= first AND Timestamp < toDateTime64(last, 9) + INTERVAL 1 SECOND
    ORDER BY Timestamp, SpanId
    LIMIT 10000`;
  const rows = await readRows<StoredSpan>(client, query, { traceId });
  return rows.map(({ eventTimes, eventNames, eventAttributes, error, ...span }) => ({
    ...span,
    error: error === 1,
    events: eventTimes.map((timeMs, index) => ({
      timeMs,
      name: eventNames[index] ?? '',
      attributes: eventAttributes[index] ?? {},
    })),
  }));
}
