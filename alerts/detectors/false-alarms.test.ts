import { expect, test } from 'vitest';
import { createRatioDetector, initialRatioState, observeRatio } from './ratio.ts';

/** Deterministic uniform numbers in [0, 1) (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Ticks until the first alarm of a service whose bad ratio is exactly the null: the worst case of the promise. Cut off
 * at eight times the promise, which can only lower the mean.
 */
function runLength(random: () => number, promisedSeconds: number, perTick: number): number {
  const noFloor = { minBadEvents: 0, minSpreadMs: 0, minOutageSeconds: 0, minTicks: 0 };
  const detector = createRatioDetector({ objective: 0.99, promisedSeconds, floor: noFloor });
  let state = initialRatioState(detector);
  for (let second = 1; second < 8 * promisedSeconds; second += 1) {
    let bad = 0;
    for (let event = 0; event < perTick; event += 1) if (random() < detector.nullRatio) bad += 1;
    const atMs = second * 1_000;
    const firstBadMs = bad > 0 ? atMs : null;
    const next = observeRatio(detector, state, { atMs, good: perTick - bad, bad, firstBadMs, firstBadStoredMs: atMs });
    if (next.signal === 'alarm') return second;
    state = next.state;
  }
  return 8 * promisedSeconds;
}

test.each([
  { promisedSeconds: 60, perTick: 5 },
  { promisedSeconds: 100, perTick: 20 },
  { promisedSeconds: 300, perTick: 1 },
])(
  'the mean time between false alarms is at least the promised $promisedSeconds s at $perTick events a tick',
  ({ promisedSeconds, perTick }) => {
    const random = createRandom(20_261_123);
    const runs = Array.from({ length: 400 }, () => runLength(random, promisedSeconds, perTick));
    const mean = runs.reduce((sum, ticks) => sum + ticks, 0) / runs.length;
    const variance = runs.reduce((sum, ticks) => sum + (ticks - mean) ** 2, 0) / (runs.length - 1);
    const lower = mean - 2.576 * Math.sqrt(variance / runs.length);
    expect(lower).toBeGreaterThanOrEqual(promisedSeconds);
  },
);
