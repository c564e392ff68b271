import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { Sources } from '#app/_server/sources.ts';
import { readTraceLogs, type TraceLog } from '#telemetry/queries/logs';
import { readTrace } from '#telemetry/queries/traces';
import { layOut, type WaterfallSpan } from './_waterfall.ts';

export type TraceData = { spans: WaterfallSpan[]; logs: TraceLog[] };

/** A trace's spans laid out for the waterfall, with its log records. */
export async function readTraceData({ store }: Sources, traceId: string): Promise<Loaded<TraceData>> {
  return attempt(
    Promise.all([readTrace(store, traceId), readTraceLogs(store, traceId)]).then(([spans, logs]) => ({
      spans: layOut(spans),
      logs,
    })),
  );
}
