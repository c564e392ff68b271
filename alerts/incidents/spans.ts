/** What an incident needs to know of a span of a failing or slow trace. */
export type TraceSpan = {
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
  /** client spans: a response arrived */
  answered: boolean;
  /** 0 when there was none */
  httpStatus: number;
  /** `peer.service` of a client span, else empty */
  peer: string;
};

/** The spans of one trace as a tree. */
export type Trace = { spans: TraceSpan[]; byId: Map<string, TraceSpan>; children: Map<string, TraceSpan[]> };

/** Groups spans by trace; a parent that has not arrived makes its child a root. */
export function buildTraces(spans: TraceSpan[]): Trace[] {
  return [...Map.groupBy(spans, ({ traceId }) => traceId).values()].map((ofTrace) => ({
    spans: ofTrace,
    byId: new Map(ofTrace.map((span) => [span.spanId, span])),
    children: Map.groupBy(ofTrace, ({ parentSpanId }) => parentSpanId),
  }));
}

export function childrenOf(trace: Trace, span: TraceSpan): TraceSpan[] {
  return trace.children.get(span.spanId) ?? [];
}

/** The operation that customers called: the outermost server span above a span (or itself). */
export function findEntry(trace: Trace, span: TraceSpan): TraceSpan | null {
  let entry = span.kind === 'server' ? span : null;
  let current: TraceSpan | undefined = span;
  for (let depth = 0; current !== undefined && depth < 100; depth += 1) {
    if (current.kind === 'server') entry = current;
    current = trace.byId.get(current.parentSpanId);
  }
  return entry;
}
