import type { TraceSummary } from '#telemetry/queries/traces';

/** Services export their spans a second or two after they end, each at its own time. */
const settledAfterMs = 20_000;

/** Whether a trace that ended then (Unix ms) is to be taken for whole. */
export function isSettled(endMs: number, nowMs: number): boolean {
  return nowMs - endMs >= settledAfterMs;
}

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
