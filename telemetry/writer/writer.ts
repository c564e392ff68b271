import { createHash, randomInt } from 'node:crypto';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Logger } from '#process/logger';
import type { TelemetryClient } from '../client.ts';
import type { EventRow, LogRow, RumRow, SampleRow, SeriesRow, SpanRow } from '../rows.ts';
import { createBatchIds } from './batch-id.ts';
import { encodeEvent, encodeRum, encodeSamples, encodeSpansOrLogs, type Signal } from './encode.ts';
import { createQueue, type Queue, type QueueOptions, type WriterLimits } from './queue.ts';
import { createSeriesRegister } from './series.ts';
import { createBatchStore } from './store.ts';

/**
 * Appends to the telemetry store. A promise resolves only when ClickHouse has all of the request, once, however often it
 * is appended. It rejects with `StoreUnavailableError` (keep it and try again) or `RowsRefusedError` (do not).
 */
export type Writer = {
  appendTraces: (rows: readonly SpanRow[], requestHash: string) => Promise<void>;
  appendLogs: (rows: readonly LogRow[], requestHash: string) => Promise<void>;
  appendMetrics: (
    rows: { series: readonly SeriesRow[]; samples: readonly SampleRow[] },
    requestHash: string,
  ) => Promise<void>;
  /** Events are told apart by source and id, not by the request that they came in. */
  appendEvents: (rows: readonly EventRow[]) => Promise<void>;
  appendRum: (rows: readonly RumRow[], requestHash: string) => Promise<void>;
  /** False while a batch's outcome is unknown because the store is away. */
  isHealthy: () => boolean;
  /** Stores what waits. */
  close: () => Promise<void>;
};

export type WriterOptions = {
  client: TelemetryClient;
  clock: () => number;
  logger: Logger;
  /** Where `telemetry_writer_*` metrics go. */
  registry?: Registry;
  limits?: Partial<WriterLimits>;
};

const defaultLimits = { maxBatchRows: 20_000, maxWaitingRows: 100_000, resendMs: 500 };

/** A batch costs the store much the same however few rows it has. Detection waits for spans, so they wait least. */
const defaultLingerMs: Record<Signal, number> = {
  traces: 500,
  metrics: 3_000,
  logs: 2_000,
  events: 1_000,
  rum: 1_000,
};

/** A writer on a client of lane `inserts`. */
export function createWriter({ client, clock, logger, registry, limits }: WriterOptions): Writer {
  const base = createBatchStore(client);
  const series = createSeriesRegister(base, clock);
  const store: typeof base = {
    ...base,
    insertBatch: async (signal, batchId, body) => {
      if (signal === 'metrics') await series.flush();
      await base.insertBatch(signal, batchId, body);
    },
  };
  const shared: Omit<QueueOptions, 'signal' | 'limits'> = {
    store,
    clock,
    newBatchId: createBatchIds(randomInt(4096)),
    onTrouble: ({ signal, error, batchId }) => {
      series.reset();
      logger.warn({ signal, batchId, err: error }, 'a batch could not be stored; it is kept and sent again');
    },
    onStored: registry === undefined ? () => undefined : observe(registry),
  };
  const queue = (signal: Signal): Queue =>
    createQueue({ ...shared, signal, limits: { ...defaultLimits, lingerMs: defaultLingerMs[signal], ...limits } });
  const queues: Record<Signal, Queue> = {
    traces: queue('traces'),
    logs: queue('logs'),
    metrics: queue('metrics'),
    events: queue('events'),
    rum: queue('rum'),
  };
  const append = async (signal: Signal, hash: string, lines: string[]): Promise<void> => {
    if (lines.length > 0) await queues[signal].append(hash, lines);
  };
  return {
    appendTraces: (rows, hash) => append('traces', hash, encodeSpansOrLogs(rows, hash)),
    appendLogs: (rows, hash) => append('logs', hash, encodeSpansOrLogs(rows, hash)),
    appendMetrics: (rows, hash) => {
      series.note(rows.series);
      return append('metrics', hash, encodeSamples(rows.samples, hash));
    },
    appendEvents: async (rows) => {
      const outcomes = await Promise.allSettled(
        rows.map((row) => {
          const hash = hashEvent(row);
          return append('events', hash, [encodeEvent(row, hash)]);
        }),
      );
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
    appendRum: (rows, hash) => append('rum', hash, encodeRum(rows, hash)),
    isHealthy: () => Object.values(queues).every((queue) => queue.isHealthy()),
    close: async () => {
      await Promise.all(Object.values(queues).map((queue) => queue.drain()));
    },
  };
}

/** An event is a request of its own, known by its source and id however long they are (CloudEvents 1.0, `id`). */
function hashEvent({ source, id }: EventRow): string {
  return createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex');
}

function observe(registry: Registry): QueueOptions['onStored'] {
  const rowsTotal = new Counter({
    name: 'telemetry_writer_rows_total',
    help: 'Rows that the store has acknowledged',
    labelNames: ['signal'],
    registers: [registry],
  });
  const batchRows = new Histogram({
    name: 'telemetry_writer_batch_rows',
    help: 'Rows in a batch',
    labelNames: ['signal'],
    buckets: [1, 10, 50, 100, 500, 1_000, 5_000, 20_000],
    registers: [registry],
  });
  const storeSeconds = new Histogram({
    name: 'telemetry_writer_store_seconds',
    help: 'Time from closing a batch to its acknowledgement by the store, in seconds',
    labelNames: ['signal'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  return ({ signal, rows, seconds }) => {
    rowsTotal.inc({ signal }, rows);
    batchRows.observe({ signal }, rows);
    storeSeconds.observe({ signal }, seconds);
  };
}
