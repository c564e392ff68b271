import { setTimeout as delay } from 'node:timers/promises';
import { lineEnd, type Signal } from './encode.ts';
import { isDataError, RowsRefusedError, StoreUnavailableError } from './errors.ts';
import type { BatchStore } from './store.ts';

export type QueueOptions = {
  signal: Signal;
  store: BatchStore;
  clock: () => number;
  newBatchId: (nowMs: number) => string;
  onStored: (result: { signal: Signal; rows: number; seconds: number }) => void;
  onTrouble: (trouble: { signal: Signal; error: unknown; batchId: string }) => void;
  limits: WriterLimits;
};

export type WriterLimits = {
  /** How long the first request of a batch waits for others, ms. */
  lingerMs: number;
  /** The most rows that a batch may have. */
  maxBatchRows: number;
  /** Rows that may wait before senders are turned away. */
  maxWaitingRows: number;
  /** Pause before a batch whose outcome is unknown is sent again, ms. */
  resendMs: number;
};

/** Rows worth a batch of their own: with so many, waiting for more only holds up the senders. */
const worthwhileRows = 5_000;

function isWorthwhile(rows: number, { maxBatchRows }: WriterLimits): boolean {
  return rows >= Math.min(worthwhileRows, maxBatchRows);
}

type Entry = {
  hash: string;
  lines: string[];
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
};

/** One signal's requests on their way into the store. */
export type Queue = {
  append: (hash: string, lines: string[]) => Promise<void>;
  /** Stores what waits; resolves when nothing is under way or the store has failed. */
  drain: () => Promise<void>;
  isHealthy: () => boolean;
};

/**
 * Coalesces requests into batches, one under way at a time. A request that comes again while its first copy is under way
 * shares its fate. While a batch's outcome is unknown it is kept and sent again unchanged; its senders are told to come
 * back, and nothing else is taken.
 */
export function createQueue(options: QueueOptions): Queue {
  const { limits } = options;
  const known = new Map<string, Entry>();
  let waiting: Entry[] = [];
  let waitingRows = 0;
  let running: Promise<void> | undefined;
  let unresolved = false;
  let wake: (() => void) | undefined;

  const forget = (entries: readonly Entry[]): void => {
    for (const entry of entries) if (known.get(entry.hash) === entry) known.delete(entry.hash);
  };
  const takeBatch = (): Entry[] => {
    let rows = 0;
    let count = 0;
    for (const entry of waiting) {
      if (count > 0 && rows + entry.lines.length > limits.maxBatchRows) break;
      rows += entry.lines.length;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingRows -= rows;
    return batch;
  };
  const turnAway = (entries: readonly Entry[], error: unknown): void => {
    for (const entry of entries)
      entry.reject(new StoreUnavailableError('the telemetry store is away', { cause: error }));
  };
  const linger = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, limits.lingerMs);
      if (isWorthwhile(waitingRows, limits)) resolve();
    });
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      await linger();
      const batch = takeBatch();
      await storeBatch(options, batch, (error) => {
        unresolved = true;
        turnAway([...batch, ...waiting], error);
        forget(waiting);
        waiting = [];
        waitingRows = 0;
      });
      unresolved = false;
      forget(batch);
    }
    // At once, not in a later microtask: a request that is appended in between would find nobody to take it.
    running = undefined;
  };
  const append: Queue['append'] = (hash, lines) => {
    const under = known.get(hash);
    if (under !== undefined) return under.promise;
    if (unresolved) return Promise.reject(new StoreUnavailableError('the telemetry store is away'));
    if (waitingRows + lines.length > limits.maxWaitingRows && waitingRows > 0) {
      return Promise.reject(new StoreUnavailableError('the telemetry store is behind'));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry: Entry = { hash, lines, promise, resolve, reject };
    known.set(hash, entry);
    waiting.push(entry);
    waitingRows += lines.length;
    if (isWorthwhile(waitingRows, limits)) wake?.();
    running ??= run();
    return promise;
  };
  const drain = async (): Promise<void> => {
    while (running !== undefined && !unresolved) {
      wake?.();
      await Promise.race([running, delay(20)]);
    }
  };
  return { append, drain, isHealthy: () => !unresolved };
}

/** Stores a batch, however long it takes; `onUnknown` is called once, at the first outcome that is not known. */
async function storeBatch(options: QueueOptions, entries: Entry[], onUnknown: (error: unknown) => void): Promise<void> {
  const { store, signal, clock, newBatchId, limits } = options;
  const started = performance.now();
  let told = false;
  const batchId = newBatchId(clock());
  let sent: Entry[] | undefined;
  for (;;) {
    try {
      sent ??= await dropStored(store, entries);
      // Arrival is stamped anew at each attempt: detection reads the last seconds by arrival and would miss an old one.
      const end = lineEnd(signal, batchId, clock());
      const body = Buffer.from(sent.map((entry) => entry.lines.map((line) => line + end).join('')).join(''));
      if (body.length > 0) await store.insertBatch(signal, batchId, body);
      for (const entry of sent) entry.resolve();
      const rows = sent.reduce((sum, entry) => sum + entry.lines.length, 0);
      options.onStored({ signal, rows, seconds: (performance.now() - started) / 1_000 });
      return;
    } catch (error) {
      options.onTrouble({ signal, error, batchId });
      if (isDataError(error)) return refuse(options, sent ?? entries, error, onUnknown);
      if (!told) onUnknown(error);
      told = true;
      await delay(limits.resendMs);
    }
  }
}

/** Resolves the requests that are stored already and returns the others. */
async function dropStored(store: BatchStore, entries: Entry[]): Promise<Entry[]> {
  const stored = await store.findStored(entries.map((entry) => entry.hash));
  for (const entry of entries) if (stored.has(entry.hash)) entry.resolve();
  return entries.filter((entry) => !stored.has(entry.hash));
}

/** Rows that the store cannot read must not hold up the others: each request of the batch goes alone. */
async function refuse(
  options: QueueOptions,
  sent: Entry[],
  error: unknown,
  onUnknown: (error: unknown) => void,
): Promise<void> {
  if (sent.length > 1) {
    for (const entry of sent) await storeBatch(options, [entry], onUnknown);
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  for (const entry of sent) entry.reject(new RowsRefusedError(`the store cannot keep these rows: ${reason}`));
}
