import type { Culprit } from './culprit.ts';
import { buildTraces, childrenOf, findEntry, type Trace, type TraceSpan } from './spans.ts';

/**
 * Who makes a service slow: of each trace the service with the largest time of its own below the slow server span.
 * A span's own time is its duration less what its children cover; a call's own time (waiting for what no server span
 * accounts for: queue, network, a server that never answered) belongs to the callee.
 */
export function findSlowCulprits(spans: TraceSpan[], service: string, thresholdMs: number): Culprit[] {
  return buildTraces(spans).flatMap((trace) => {
    const slow = trace.spans.find(
      (span) => span.service === service && span.kind === 'server' && span.durationMs > thresholdMs,
    );
    if (slow === undefined) return [];
    const own = new Map<string, number>();
    addOwnTimes(trace, slow, own, 0);
    const [worst] = [...own].sort(([, a], [, b]) => b - a);
    const entry = findEntry(trace, slow);
    if (worst === undefined) return [];
    return [
      {
        service: worst[0],
        symptom: 'slow',
        chain: [...new Set([service, worst[0]])],
        entry: entry && { service: entry.service, route: entry.route, name: entry.name },
        traceId: slow.traceId,
        passedOn: false,
      },
    ];
  });
}

function addOwnTimes(trace: Trace, span: TraceSpan, own: Map<string, number>, depth: number): void {
  // What a message starts later is not part of what the caller waited for.
  const children = childrenOf(trace, span).filter(({ kind }) => kind !== 'consumer');
  const owner = span.kind === 'client' && span.peer !== '' ? span.peer : span.service;
  own.set(owner, (own.get(owner) ?? 0) + span.durationMs - coveredMs(span, children));
  if (depth > 100) return;
  for (const child of children) addOwnTimes(trace, child, own, depth + 1);
}

/** Length of the union of the children's intervals inside the span's. */
function coveredMs(span: TraceSpan, children: TraceSpan[]): number {
  const end = span.startMs + span.durationMs;
  const intervals = children
    .map((child) => [Math.max(span.startMs, child.startMs), Math.min(end, child.startMs + child.durationMs)] as const)
    .filter(([from, to]) => to > from)
    .sort(([a], [b]) => a - b);
  let covered = 0;
  let reached = span.startMs;
  for (const [from, to] of intervals) {
    covered += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return covered;
}
