/** The last sample of one counter. */
type CounterState = { value: number; timestampMs: number; startMs: number };

type CounterSample = { fingerprint: string; timestampMs: number; value: number; startMs: number };

/** Counters by fingerprint, and since when their selector is watched; plain JSON. */
export type Counters = { watchedSinceMs: number; byFingerprint: Record<string, CounterState> };

/** A series that exists reports at least this often (the SDK's default is 60 s); so a stranger after it is new. */
const slowestExportMs = 120_000;
const forgetAfterMs = 24 * 3_600_000;

/**
 * How much counters grew with these samples.
 *
 * - A known counter: the difference; after a reset (it fell, or its start moved) all of the new value. A delta series
 *   moves its start with every sample, so its values are taken as they are.
 * - An unknown one: all of its value if it began at zero while we were watching. The first sample of a new
 *   `status=500` series is exactly the onset of a fault. Without a start time nothing can be said: 0.
 * - A sample that is not newer than the last is not counted again.
 */
export function countIncreases<Sample extends CounterSample>(
  counters: Counters,
  samples: Sample[],
): { counters: Counters; increases: { sample: Sample; increase: number }[] } {
  const byFingerprint = { ...counters.byFingerprint };
  const ordered = [...samples].sort((a, b) => a.timestampMs - b.timestampMs);
  const increases = ordered.flatMap((sample) => {
    const last = byFingerprint[sample.fingerprint];
    if (last !== undefined && sample.timestampMs <= last.timestampMs) return [];
    const { value, timestampMs, startMs } = sample;
    byFingerprint[sample.fingerprint] = { value, timestampMs, startMs };
    const increase = last === undefined ? firstIncrease(counters, sample) : laterIncrease(last, sample);
    return [{ sample, increase: Math.max(0, increase) }];
  });
  return { counters: { ...counters, byFingerprint }, increases };
}

/** Counters that have been silent for a day are forgotten. */
export function forgetSilent(counters: Counters, nowMs: number): Counters {
  const kept = Object.entries(counters.byFingerprint).filter(
    ([, { timestampMs }]) => timestampMs > nowMs - forgetAfterMs,
  );
  return { ...counters, byFingerprint: Object.fromEntries(kept) };
}

function firstIncrease({ watchedSinceMs }: Counters, { timestampMs, startMs, value }: CounterSample): number {
  if (startMs <= 0) return 0;
  const beganWhileWatching = startMs >= watchedSinceMs;
  const wouldHaveReported = timestampMs >= watchedSinceMs + slowestExportMs;
  return beganWhileWatching || wouldHaveReported ? value : 0;
}

function laterIncrease(last: CounterState, { value, startMs }: CounterSample): number {
  const reset = value < last.value || (startMs > 0 && startMs > last.startMs);
  return reset ? value : value - last.value;
}
