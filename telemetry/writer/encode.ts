import type { EventRow, LogRow, RumRow, SampleRow, SeriesRow, SpanRow } from '../rows.ts';

export type Signal = 'traces' | 'logs' | 'metrics' | 'events' | 'rum';

/** Where a signal's rows go and how their lines end: batch and arrival are known only when the batch is closed. */
type Target = { table: string; format: 'JSONEachRow' | 'TabSeparated'; columns: [string, ...string[]] | undefined };

export const targets: Record<Signal, Target> = {
  traces: { table: 'otel_traces', format: 'JSONEachRow', columns: undefined },
  logs: { table: 'otel_logs', format: 'JSONEachRow', columns: undefined },
  metrics: {
    table: 'samples_ingest',
    format: 'TabSeparated',
    columns: ['fingerprint', 'timestamp_ms', 'value_bits', 'start_ms', 'request_hash', 'batch_id', 'arrived_at'],
  },
  events: { table: 'business_events', format: 'JSONEachRow', columns: undefined },
  rum: { table: 'rum_events', format: 'JSONEachRow', columns: undefined },
};

/** A request's rows as lines without their end. */
export function encodeSpansOrLogs(rows: readonly (SpanRow | LogRow)[], requestHash: string): string[] {
  const tail = `,"RequestHash":${JSON.stringify(requestHash)}`;
  return rows.map((row) => JSON.stringify(row).slice(0, -1) + tail);
}

/** A request's samples as lines without their end. */
export function encodeSamples(rows: readonly SampleRow[], requestHash: string): string[] {
  return rows.map((row) => `${row.fingerprint}\t${row.timestampMs}\t${row.valueBits}\t${row.startMs}\t${requestHash}`);
}

/** An event as a line without its end. */
export function encodeEvent(row: EventRow, requestHash: string): string {
  const { timeMs, traceId, sessionId, orderId, amountMinor, ...same } = row;
  const renamed = {
    ...same,
    time: timeMs,
    trace_id: traceId,
    session_id: sessionId,
    order_id: orderId,
    amount_minor: amountMinor,
    request_hash: requestHash,
  };
  return JSON.stringify(renamed).slice(0, -1);
}

/** What browsers reported in one request, as lines without their end. */
export function encodeRum(rows: readonly RumRow[], requestHash: string): string[] {
  return rows.map(
    ({ timestampMs, appVersion, sessionId, pageUrl, browserVersion, mobile, traceId, spanId, ...same }) => {
      const renamed = {
        ...same,
        timestamp: timestampMs,
        app_version: appVersion,
        session_id: sessionId,
        page_url: pageUrl,
        browser_version: browserVersion,
        mobile: mobile ? 1 : 0,
        trace_id: traceId,
        span_id: spanId,
        request_hash: requestHash,
      };
      return JSON.stringify(renamed).slice(0, -1);
    },
  );
}

/** The end of every line of a batch. */
export function lineEnd(signal: Signal, batchId: string, arrivedMs: number): string {
  if (signal === 'metrics') {
    return `\t${batchId}\t${Math.floor(arrivedMs / 1_000)}.${String(arrivedMs % 1_000).padStart(3, '0')}\n`;
  }
  const [batchColumn, arrivedColumn] =
    signal === 'events' || signal === 'rum' ? ['batch_id', 'arrived_at'] : ['BatchId', 'ArrivedAt'];
  return `,"${batchColumn}":"${batchId}","${arrivedColumn}":${arrivedMs}}\n`;
}

/** New series as `JSONEachRow`, seen at a time in Unix seconds. */
export function encodeSeries(rows: readonly SeriesRow[], seenSeconds: number): string {
  return rows.map((row) => `${JSON.stringify({ ...row, first_seen: seenSeconds, last_seen: seenSeconds })}\n`).join('');
}
