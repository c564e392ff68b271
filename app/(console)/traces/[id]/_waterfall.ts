type Span = {
  spanId: string;
  parentSpanId: string;
  service: string;
  kind: string;
  name: string;
  startMs: number;
  durationMs: number;
  error: boolean;
  statusMessage: string;
  attributes: Record<string, string>;
  events: { timeMs: number; name: string; attributes: Record<string, string> }[];
};

/** A span in its place: `depth` below the root, `offsetMs` after the trace's start. */
export type WaterfallSpan = Span & { depth: number; offsetMs: number };

/**
 * Spans in the order of a waterfall: each below its parent, siblings by start. A span whose parent has not arrived
 * stands at the top; a cycle of parents is broken rather than followed.
 */
export function layOut(spans: readonly Span[]): WaterfallSpan[] {
  const byStart = [...spans].sort((a, b) => a.startMs - b.startMs);
  const known = new Set(byStart.map(({ spanId }) => spanId));
  const children = Map.groupBy(byStart, ({ parentSpanId }) => parentSpanId);
  const beginMs = byStart[0]?.startMs ?? 0;
  const placed = new Set<string>();
  const rows: WaterfallSpan[] = [];
  const place = (top: Span): void => {
    const stack: { span: Span; depth: number }[] = [{ span: top, depth: 0 }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { span, depth } = next;
      if (placed.has(span.spanId)) continue;
      placed.add(span.spanId);
      rows.push({ ...span, depth, offsetMs: span.startMs - beginMs });
      const below = children.get(span.spanId) ?? [];
      for (const child of below.toReversed()) stack.push({ span: child, depth: depth + 1 });
    }
  };
  for (const span of byStart) if (!known.has(span.parentSpanId)) place(span);
  for (const span of byStart) place(span);
  return rows;
}
