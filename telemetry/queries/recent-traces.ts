import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

/** A span as detection needs it. `answered`: a client span to which a response came. `httpStatus` 0: none. */
export type SpanLite = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  service: string;
  kind: 'server' | 'client' | 'consumer' | 'producer' | 'internal';
  name: string;
  route: string;
  startMs: number;
  durationMs: number;
  error: boolean;
  answered: boolean;
  httpStatus: number;
  peer: string;
};

type StoredSpan = Omit<SpanLite, 'error' | 'answered'> & { error: number; answered: number };

/** Spans arrive after they end, save for clocks that are ahead; a trace's other spans come before and after. */
const slackMs = 60_000;

/** All spans of the newest traces in which a span that ended between two times failed. */
export function readErrorTraces(
  client: TelemetryClient,
  { fromMs, toMs, limit }: { fromMs: number; toMs: number; limit: number },
): Promise<SpanLite[]> {
  return readMatching(client, { condition: 'error = 1', params: {}, fromMs, toMs, limit });
}

/** All spans of the newest traces in which a server span of the service was slower than the threshold. */
export function readSlowTraces(
  client: TelemetryClient,
  options: { service: string; routes?: string[]; thresholdMs: number; fromMs: number; toMs: number; limit: number },
): Promise<SpanLite[]> {
  const { service, routes, thresholdMs, fromMs, toMs, limit } = options;
  const condition = `kind IN ('server', 'consumer') AND service = {service:String} AND duration_ms > {threshold:Float64}
    AND (empty({routes:Array(String)}) OR has({routes:Array(String)}, toString(route)))`;
  const params = { service, threshold: thresholdMs, routes: routes ?? [] };
  return readMatching(client, { condition, params, fromMs, toMs, limit });
}

async function readMatching(
  client: TelemetryClient,
  {
    condition,
    params,
    fromMs,
    toMs,
    limit,
  }: { condition: string; params: Record<string, unknown>; fromMs: number; toMs: number; limit: number },
): Promise<SpanLite[]> {
  const query = `
    SELECT
      trace_id AS traceId, span_id AS spanId, parent_span_id AS parentSpanId, service, kind, name, route,
      toFloat64(start_ms) AS startMs, duration_ms AS durationMs, error, answered, http_status AS httpStatus, peer
    FROM spans_recent
    PREWHERE arrived_at >= fromUnixTimestamp64Milli({from:Int64} - {slack:Int64})
    WHERE trace_id IN
    (
      SELECT trace_id FROM spans_recent
      PREWHERE arrived_at >= fromUnixTimestamp64Milli({from:Int64} - {slack:Int64})
      WHERE ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64})
        AND trace_id != '' AND ${condition}
      GROUP BY trace_id ORDER BY max(ts) DESC LIMIT {limit:UInt32}
    )
    ORDER BY trace_id, start_ms
    LIMIT 20000`;
  const spans = await readRows<StoredSpan>(client, query, { ...params, from: fromMs, to: toMs, slack: slackMs, limit });
  return spans.map((span) => ({ ...span, error: span.error === 1, answered: span.answered === 1 }));
}
