import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * How long the caller still waits, in milliseconds. A duration, not a time: the clocks of two machines differ (as gRPC's
 * `grpc-timeout` does it).
 */
export const timeoutHeader = 'x-request-timeout-ms';

/** Kept back for the way here and back, of what a caller waits: a tenth, and at most so many milliseconds. */
const longestMarginMs = 100;

/** On the monotonic clock; null: work that nobody waits for. */
const deadlines = new AsyncLocalStorage<number | null>();

/** Milliseconds that are left to whoever waits for what runs now; infinite when nobody said. */
export function remainingMs(): number {
  const atMs = deadlines.getStore();
  return typeof atMs === 'number' ? atMs - performance.now() : Number.POSITIVE_INFINITY;
}

/** Runs what somebody waits for `timeoutMs` for: calls that it makes end by then. A nearer deadline stays. */
export function withDeadline<Result>(timeoutMs: number, work: () => Result): Result {
  const outer = deadlines.getStore() ?? Number.POSITIVE_INFINITY;
  const marginMs = Math.min(longestMarginMs, timeoutMs / 10);
  return deadlines.run(Math.min(outer, performance.now() + timeoutMs - marginMs), work);
}

/** Runs what goes on behind an answer: whoever waited for that does not wait for this. */
export function withoutDeadline<Result>(work: () => Result): Result {
  return deadlines.run(null, work);
}

/** What a request's header says; null when it says nothing that can be understood. */
export function readTimeout(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : null;
}
