import { buildTraces, childrenOf, findEntry, type Trace, type TraceSpan } from './spans.ts';

export type Symptom = 'errors' | 'no answer' | 'unreachable' | 'slow' | 'unknown';

/** What one trace says: who failed first, how, along which services, and what the customer had called. */
export type Culprit = {
  service: string;
  symptom: Symptom;
  chain: string[];
  entry: { service: string; route: string; name: string } | null;
  traceId: string;
  /** The service itself says that somebody behind it failed, and the trace does not show who: a repeated answer, a span that is missing. */
  passedOn: boolean;
};

/** A refused connection or an open breaker fails at once; a time-out takes its time. */
const unreachableBelowMs = 100;

/** What web servers note for a request whose caller left before the answer: the service did not answer, whatever it thinks. */
const clientClosedRequest = 499;

/** Bad Gateway and Gateway Timeout: what failed is behind whoever answers so (RFC 9110, 15.6.3 and 15.6.5). */
const passedOnStatuses = [502, 504];

/**
 * The culprit of each trace in which a service's events are bad: from the bad span down along failing children to one
 * that has none. That span's service failed by itself, unless it is a call that nobody answered: then it is the callee.
 * A client span with a 4xx answer is an error by convention but no failure of anybody.
 * @param service the alerting SLO's; its failed server spans and the calls to it that got no answer are where to start
 */
export function findCulprits(spans: TraceSpan[], service: string): Culprit[] {
  return buildTraces(spans).flatMap((trace) => {
    const starts = trace.spans.filter(
      (span) =>
        isFailing(span) &&
        ((span.service === service && span.kind !== 'client') ||
          (span.kind === 'client' && span.peer === service && !span.answered)),
    );
    const found = starts.map((start) => descend(trace, start, [start]));
    const deepest = found.reduce<TraceSpan[] | null>(
      (best, path) => (best === null || path.length > best.length ? path : best),
      null,
    );
    return deepest === null ? [] : [toCulprit(trace, deepest)];
  });
}

function isFailing({ kind, error, answered, httpStatus }: TraceSpan): boolean {
  return error && (kind !== 'client' || !answered || httpStatus >= 500);
}

/** The longest path of failing spans downwards. */
function descend(trace: Trace, span: TraceSpan, path: TraceSpan[]): TraceSpan[] {
  if (path.length > 100) return path;
  const failing = childrenOf(trace, span).filter(isFailing);
  return failing
    .map((child) => descend(trace, child, [...path, child]))
    .reduce((best, next) => (next.length > best.length ? next : best), path);
}

function toCulprit(trace: Trace, path: TraceSpan[]): Culprit {
  const last = path.at(-1) as TraceSpan;
  const called = last.kind === 'client' && last.peer !== '';
  const unanswered: Symptom = last.durationMs < unreachableBelowMs ? 'unreachable' : 'no answer';
  const entry = findEntry(trace, last);
  const service = called ? last.peer : last.service;
  return {
    service,
    symptom: called && !last.answered ? unanswered : last.httpStatus === clientClosedRequest ? 'no answer' : 'errors',
    chain: [...new Set([...servicesAbove(trace, path[0]), ...path.map((span) => span.service), service])],
    entry: entry && { service: entry.service, route: entry.route, name: entry.name },
    traceId: last.traceId,
    passedOn: !called && passedOnStatuses.includes(last.httpStatus),
  };
}

function servicesAbove(trace: Trace, span: TraceSpan | undefined): string[] {
  const services: string[] = [];
  let current = span;
  for (let depth = 0; current !== undefined && depth < 100; depth += 1) {
    services.unshift(current.service);
    current = trace.byId.get(current.parentSpanId);
  }
  return services;
}
