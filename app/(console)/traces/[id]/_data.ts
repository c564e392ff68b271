import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { Sources } from '#app/_server/sources.ts';
import { readTraceLogs, type TraceLog } from '#telemetry/queries/logs';
import { readTrace } from '#telemetry/queries/traces';
import { layOut, type WaterfallSpan } from './_waterfall.ts';

/** Services export their spans a second or two after they end, each at its own time. */
const settledAfterMs = 20_000;

/** `settled` when no more spans are to be expected. */
export type TraceDetail = { spans: WaterfallSpan[]; logs: TraceLog[]; durationMs: number; settled: boolean };

export type TraceData = { trace: Loaded<TraceDetail> };

/** A trace's spans laid out for the waterfall, with its log records; without spans when there is no such trace. */
export async function readTraceDetail({ store, clock }: Sources, traceId: string): Promise<TraceData> {
  const reads = Promise.all([readTrace(store, traceId), readTraceLogs(store, traceId)]);
  const trace = reads.then(([stored, logs]): TraceDetail => {
    const spans = layOut(stored);
    const durationMs = spans.reduce((latest, span) => Math.max(latest, span.offsetMs + span.durationMs), 0);
    const endMs = (spans[0]?.startMs ?? 0) + durationMs;
    return { spans, logs, durationMs, settled: clock() - endMs >= settledAfterMs };
  });
  return { trace: await attempt(trace) };
}
