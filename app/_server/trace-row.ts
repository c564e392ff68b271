import type { TraceSummary } from '#telemetry/queries/traces';

/** A trace as tables show it. */
export type TraceRow = {
  traceId: string;
  atMs: number;
  durationMs: number;
  operation: string;
  error: boolean;
  spans: number;
};

export function toTraceRow(trace: TraceSummary): TraceRow {
  return {
    traceId: trace.traceId,
    atMs: trace.startMs,
    durationMs: trace.durationMs,
    operation: trace.name,
    error: trace.error,
    spans: trace.spanCount,
  };
}
