/** (good, bad) of the last five minutes in ten-second buckets: [bucket start, good, bad]; plain JSON. */
export type Recent = [number, number, number][];

const bucketMs = 10_000;
const keptMs = 5 * 60_000;

/** Adds counts at `atMs` and drops buckets older than five minutes. */
export function addRecent(recent: Recent, atMs: number, good: number, bad: number): Recent {
  const start = Math.floor(atMs / bucketMs) * bucketMs;
  const kept = recent.filter(([bucket]) => bucket > atMs - keptMs);
  const last = kept.at(-1);
  if (last !== undefined && last[0] === start) return [...kept.slice(0, -1), [start, last[1] + good, last[2] + bad]];
  return [...kept, [start, good, bad]];
}

/** Sums of the five minutes that end at `nowMs`. */
export function sumRecent(recent: Recent, nowMs: number): { good: number; bad: number } {
  const kept = recent.filter(([bucket]) => bucket > nowMs - keptMs);
  return {
    good: kept.reduce((sum, [, good]) => sum + good, 0),
    bad: kept.reduce((sum, [, , bad]) => sum + bad, 0),
  };
}
