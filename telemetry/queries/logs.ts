import type { TelemetryClient } from '../client.ts';
import type { Attributes } from '../rows.ts';
import { readRows } from './read.ts';

export type TraceLog = {
  /** Unix ms with a fraction. */
  timeMs: number;
  service: string;
  severity: string;
  body: string;
  spanId: string;
  attributes: Attributes;
};

/** Log records that belong to a trace, in order of time, up to 1,000. */
export function readTraceLogs(client: TelemetryClient, traceId: string): Promise<TraceLog[]> {
  const query = `
    SELECT
      intDiv(toUnixTimestamp64Nano(Timestamp), 1000) / 1000 AS timeMs, ServiceName AS service, SeverityText AS severity, Body AS body,
      SpanId AS spanId, LogAttributes AS attributes
    FROM otel_logs
    WHERE TraceId = {traceId:String}
    ORDER BY Timestamp
    LIMIT 1000`;
  return readRows<TraceLog>(client, query, { traceId });
}
