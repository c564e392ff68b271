import type { TraceSpan } from '../incidents/spans.ts';
import type { Selector } from '../slo/definition.ts';

/** What alerts needs from a telemetry store. It knows no store: `main.ts` hands these in. Times are ms since the epoch. */
export type SpanSli = {
  id: string;
  service: string;
  spanKind?: 'server' | 'consumer';
  routes?: string[];
  methods?: string[];
  bad: { kind: 'error' } | { kind: 'slower'; thresholdMs: number };
  countUnanswered: boolean;
};

/** Good and bad events of one SLI in one stored batch. */
export type BatchCount = {
  batchId: string;
  arrivedMs: number;
  sliId: string;
  good: number;
  bad: number;
  firstBadMs: number | null;
  firstBadArrivedMs: number | null;
};

export type SampleSelector = { id: string } & Selector;

export type RecentSample = {
  selectorId: string;
  batchId: string;
  arrivedMs: number;
  fingerprint: string;
  timestampMs: number;
  value: number;
  /** when the counter began at zero; 0 if unknown */
  startMs: number;
};

export type Arrivals = { fromArrivedMs: number; toArrivedMs: number };

export type TelemetryQueries = {
  countSpansByBatch: (params: Arrivals & { slis: SpanSli[] }) => Promise<BatchCount[]>;
  readRecentSamples: (params: Arrivals & { selectors: SampleSelector[] }) => Promise<RecentSample[]>;
  readErrorTraces: (params: { fromMs: number; toMs: number; limit: number }) => Promise<TraceSpan[]>;
  readSlowTraces: (params: {
    service: string;
    routes?: string[];
    thresholdMs: number;
    fromMs: number;
    toMs: number;
    limit: number;
  }) => Promise<TraceSpan[]>;
  listSpanServices: (params: { sinceMs: number }) => Promise<{ service: string }[]>;
};
