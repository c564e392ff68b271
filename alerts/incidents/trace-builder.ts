import type { TraceSpan } from './spans.ts';

export type SpanSketch = Partial<TraceSpan> & { children?: SpanSketch[] };

/** The spans of one trace from a nested sketch, for tests. A child begins 1 ms after its parent unless it says so. */
export function sketchTrace(traceId: string, sketch: SpanSketch): TraceSpan[] {
  let next = 0;
  const build = ({ children = [], ...span }: SpanSketch, parentSpanId: string, startMs: number): TraceSpan[] => {
    next += 1;
    const spanId = `${traceId}-${next}`;
    const own: TraceSpan = {
      traceId,
      spanId,
      parentSpanId,
      service: 'gateway',
      kind: 'server',
      name: '',
      route: '',
      startMs,
      durationMs: 100,
      error: false,
      answered: false,
      httpStatus: 0,
      peer: '',
      ...span,
    };
    return [own, ...children.flatMap((child) => build(child, spanId, child.startMs ?? own.startMs + 1))];
  };
  return build(sketch, '', sketch.startMs ?? 1_000);
}

/** A server span. */
export function server(service: string, span: SpanSketch, children: SpanSketch[] = []): SpanSketch {
  return { service, kind: 'server', ...span, children };
}

/** A client span of `service` to `peer`. */
export function call(service: string, peer: string, span: SpanSketch, children: SpanSketch[] = []): SpanSketch {
  return { service, kind: 'client', peer, ...span, children };
}

/** Answered with a status; 5xx and 4xx are errors on a client span, 5xx on a server span. */
export function answered(httpStatus: number): SpanSketch {
  return { answered: true, httpStatus, error: httpStatus >= 400 };
}
