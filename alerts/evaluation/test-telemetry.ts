import type { TraceSpan } from '../incidents/spans.ts';
import { answered, call, type SpanSketch, server, sketchTrace } from '../incidents/trace-builder.ts';
import type { TelemetryQueries } from './queries.ts';

type Row = { batchId: string; arrivedMs: number; service: string; route: string; good: number; bad: number };

export type TestTelemetry = {
  queries: TelemetryQueries;
  /** One second of traffic, stored as one batch. */
  add: (arrivedMs: number, traffic: { service: string; route?: string; good: number; bad: number }[]) => void;
  addTrace: (atMs: number, sketch: SpanSketch) => void;
  /** The next query fails, as a store that is away does. */
  failOnce: () => void;
  /** Whether questions for traces fail. */
  withholdTraces: (withhold: boolean) => void;
};

/** A store in memory that answers what evaluation asks, for tests. */
export function createTestTelemetry(): TestTelemetry {
  const rows: Row[] = [];
  const traces: TraceSpan[] = [];
  let batches = 0;
  let failing = false;
  let withheld = false;
  const within = (fromMs: number, toMs: number) => {
    if (withheld) throw new Error('no traces in time');
    return traces.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
  };
  return {
    add: (arrivedMs, traffic) => {
      batches += 1;
      const batchId = String(batches);
      for (const { route = '', ...counts } of traffic) rows.push({ batchId, arrivedMs, route, ...counts });
    },
    addTrace: (atMs, sketch) =>
      traces.push(...sketchTrace(`trace-${atMs}-${traces.length}`, { ...sketch, startMs: atMs })),
    failOnce: () => {
      failing = true;
    },
    withholdTraces: (withhold) => {
      withheld = withhold;
    },
    queries: {
      countSpansByBatch: async ({ slis, fromArrivedMs, toArrivedMs }) => {
        if (failing) {
          failing = false;
          throw new Error('the store is away');
        }
        return slis.flatMap((sli) =>
          rows
            .filter(({ arrivedMs }) => arrivedMs >= fromArrivedMs && arrivedMs <= toArrivedMs)
            .filter(({ service, route }) => service === sli.service && (sli.routes?.includes(route) ?? true))
            .map(({ batchId, arrivedMs, good, bad }) => ({
              batchId,
              arrivedMs,
              sliId: sli.id,
              good,
              bad,
              firstBadMs: bad > 0 ? arrivedMs - 600 : null,
              firstBadArrivedMs: bad > 0 ? arrivedMs : null,
            })),
        );
      },
      readRecentSamples: async () => [],
      readErrorTraces: async ({ fromMs, toMs }) => within(fromMs, toMs),
      readSlowTraces: async ({ fromMs, toMs }) => within(fromMs, toMs),
      listSpanServices: async () => [...new Set(rows.map(({ service }) => service))].map((service) => ({ service })),
    },
  };
}

/** A checkout that fails because payments does. */
export function failedCheckout(): SpanSketch {
  const failed = { error: true, httpStatus: 502 };
  return server('gateway', { ...failed, route: '/api/checkout', name: 'POST /api/checkout' }, [
    call('gateway', 'orders', answered(502), [
      server('orders', failed, [
        call('orders', 'payments', answered(500), [server('payments', { error: true, httpStatus: 500 })]),
      ]),
    ]),
  ]);
}

/** A product page that fails because catalog is not there. */
export function failedBrowsing(): SpanSketch {
  return server('gateway', { error: true, httpStatus: 502, route: '/api/products' }, [
    call('gateway', 'catalog', { error: true, durationMs: 2 }),
  ]);
}
