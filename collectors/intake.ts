import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RefusalReason } from './refusal.ts';

/** What arrives: OTLP's three signals, business events, and what browsers report. */
export type Signal = 'traces' | 'metrics' | 'logs' | 'events' | 'rum';

/** What the collectors say of themselves on `/metrics`. */
export type IntakeMetrics = {
  received: (signal: Signal, bytes: number) => void;
  accepted: (signal: Signal, items: number, storeSeconds: number) => void;
  refused: (signal: Signal, reason: RefusalReason) => void;
  /** Points within an accepted request that could not be stored. */
  rejectedItems: (signal: Signal, items: number) => void;
};

export function createIntakeMetrics(registry: Registry, inFlightBytes: () => number): IntakeMetrics {
  const registers = [registry];
  const labelNames = ['signal'] as const;
  const receivedRequests = new Counter({
    name: 'collectors_received_requests_total',
    help: 'Requests (or events from the bus) whose body was read',
    labelNames,
    registers,
  });
  const receivedBytes = new Counter({
    name: 'collectors_received_bytes_total',
    help: 'Bytes of bodies after decompression',
    labelNames,
    registers,
  });
  const acceptedItems = new Counter({
    name: 'collectors_accepted_items_total',
    help: 'Spans, samples, log records, events and reports of browsers acknowledged after the store had them',
    labelNames,
    registers,
  });
  const rejectedItems = new Counter({
    name: 'collectors_rejected_items_total',
    help: 'Points left out of an otherwise accepted request and reported to its sender as a partial success',
    labelNames,
    registers,
  });
  const refusedRequests = new Counter({
    name: 'collectors_refused_requests_total',
    help: 'Requests answered with an error, by reason',
    labelNames: ['signal', 'reason'],
    registers,
  });
  const { batchItems, storeSeconds } = createHistograms(registry);
  new Gauge({
    name: 'collectors_in_flight_bytes',
    help: 'Bytes of bodies that are read but not yet answered',
    registers,
    collect() {
      this.set(inFlightBytes());
    },
  });
  return {
    received(signal, bytes) {
      receivedRequests.inc({ signal });
      receivedBytes.inc({ signal }, bytes);
    },
    accepted(signal, items, seconds) {
      acceptedItems.inc({ signal }, items);
      batchItems.observe({ signal }, items);
      storeSeconds.observe({ signal }, seconds);
    },
    refused: (signal, reason) => refusedRequests.inc({ signal, reason }),
    rejectedItems: (signal, items) => rejectedItems.inc({ signal }, items),
  };
}

function createHistograms(registry: Registry): {
  batchItems: Histogram<'signal'>;
  storeSeconds: Histogram<'signal'>;
} {
  return {
    batchItems: new Histogram({
      name: 'collectors_batch_items',
      help: 'Items in an accepted request',
      labelNames: ['signal'],
      buckets: [1, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000],
      registers: [registry],
    }),
    storeSeconds: new Histogram({
      name: 'collectors_store_seconds',
      help: 'From decoded to acknowledged by the store, in seconds',
      labelNames: ['signal'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    }),
  };
}
