import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

/** Calls from one service to another, as the caller saw them. `p95Ms` is milliseconds. */
export type Edge = { caller: string; callee: string; calls: number; errors: number; p95Ms: number };

/** The service map between two times (Unix ms, to ten seconds). */
export function readEdges(
  client: TelemetryClient,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Edge[]> {
  const query = `
    SELECT
      caller, callee,
      toFloat64(sum(edges_10s.calls)) AS calls,
      toFloat64(sum(edges_10s.errors)) AS errors,
      toFloat64(quantilesTDigestMerge(0.5, 0.95, 0.99)(duration_ms)[2]) AS p95Ms
    FROM edges_10s
    WHERE bucket >= toStartOfInterval(toDateTime({from:UInt32}), INTERVAL 10 SECOND) AND bucket < toDateTime({to:UInt32})
    GROUP BY caller, callee
    ORDER BY caller, callee`;
  return readRows<Edge>(client, query, { from: Math.floor(fromMs / 1_000), to: Math.ceil(toMs / 1_000) });
}
