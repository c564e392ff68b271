const nanosInMs = 1_000_000n;

/** How wrong a user's clock may be before its times are no use. Offline browsers send late, so the past has more room. */
const behindMs = 24 * 3_600_000;
const aheadMs = 60_000;

/**
 * What to add to the times of one request, ms. A browser whose clock is far off has all of them moved together, so that
 * the latest is now: their order and distances stay, and nobody can spread rows over years of partitions.
 */
export function findClockShift(timesMs: readonly number[], nowMs: number): number {
  const latest = timesMs.reduce((max, time) => Math.max(max, time), Number.NEGATIVE_INFINITY);
  const earliest = timesMs.reduce((min, time) => Math.min(min, time), Number.POSITIVE_INFINITY);
  if (timesMs.length === 0 || (latest <= nowMs + aheadMs && earliest >= nowMs - behindMs)) return 0;
  return nowMs - latest;
}

/** A time moved by a shift, and no further back than a day. */
export function moveMs(timeMs: number, shiftMs: number, nowMs: number): number {
  return Math.max(timeMs + shiftMs, nowMs - behindMs);
}

/** The same for nanoseconds as decimal digits. */
export function moveNanos(nanos: string, shiftMs: number, nowMs: number): string {
  const moved = BigInt(nanos) + BigInt(Math.round(shiftMs)) * nanosInMs;
  const floor = BigInt(nowMs - behindMs) * nanosInMs;
  return (moved > floor ? moved : floor).toString();
}
