import { createRatioDetector, initialRatioState, observeRatio, type RatioDetector } from '#alerts/detectors/ratio';

/** Traffic that fails: events per second, share that fails before and during the fault. */
export type Scenario = { eventsPerSecond: number; badBefore: number; badDuring: number };

/** Deterministic uniform numbers in [0, 1) (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Good and bad events of one second: independent Poisson counts. */
export function drawSecond(
  random: () => number,
  eventsPerSecond: number,
  badShare: number,
): { good: number; bad: number } {
  return {
    good: drawPoisson(random, eventsPerSecond * (1 - badShare)),
    bad: drawPoisson(random, eventsPerSecond * badShare),
  };
}

/** Anything that is told each second's counts and says when it pages. */
export type Watcher = (second: number, counts: { good: number; bad: number }) => boolean;

/** The detector of the product, floor included, or without it to compare with the information bound. */
export function watchWithDetector(objective: number, promisedSeconds: number, floor: boolean): Watcher {
  const none = { minBadEvents: 0, minSpreadMs: 0, minOutageSeconds: 0, minTicks: 0 };
  const detector: RatioDetector = createRatioDetector({
    objective,
    promisedSeconds,
    ...(floor ? {} : { floor: none }),
  });
  let state = initialRatioState(detector);
  return (second, { good, bad }) => {
    const atMs = second * 1_000;
    const firstBad = bad > 0 ? atMs : null;
    const next = observeRatio(detector, state, { atMs, good, bad, firstBadMs: firstBad, firstBadStoredMs: firstBad });
    state = next.state;
    return next.signal === 'alarm';
  };
}

/**
 * The SRE workbook's page alerts (chapter 5, "Multiwindow, Multi-Burn-Rate Alerts", table 5-8), evaluated every second:
 * 14.4× over 1 h and 5 min, or 6× over 6 h and 30 min.
 * @param before events per second and bad share of the six hours before, taken as exact
 */
export function watchBurnRates(objective: number, before: { eventsPerSecond: number; badShare: number }): Watcher {
  const windows = [3_600, 300, 21_600, 1_800].map((seconds) => createWindow(seconds, before));
  return (_, counts) => {
    const [hour = 0, fiveMinutes = 0, sixHours = 0, halfHour = 0] = windows.map((add) => add(counts) / (1 - objective));
    return (hour > 14.4 && fiveMinutes > 14.4) || (sixHours > 6 && halfHour > 6);
  };
}

/** Seconds from the start of a fault to the page; null when none came within `limitSeconds`. */
export function measureDelay(
  watcher: Watcher,
  scenario: Scenario,
  random: () => number,
  limitSeconds: number,
): number | null {
  const warmUpSeconds = 300;
  for (let second = 1 - warmUpSeconds; second <= 0; second += 1) {
    watcher(second, drawSecond(random, scenario.eventsPerSecond, scenario.badBefore));
  }
  for (let second = 1; second <= limitSeconds; second += 1) {
    if (watcher(second, drawSecond(random, scenario.eventsPerSecond, scenario.badDuring))) return second;
  }
  return null;
}

/** A moving bad ratio. */
function createWindow(
  seconds: number,
  { eventsPerSecond, badShare }: { eventsPerSecond: number; badShare: number },
): (counts: { good: number; bad: number }) => number {
  const bad = new Float64Array(seconds).fill(eventsPerSecond * badShare);
  const all = new Float64Array(seconds).fill(eventsPerSecond);
  let sumBad = eventsPerSecond * badShare * seconds;
  let sumAll = eventsPerSecond * seconds;
  let at = 0;
  return (counts) => {
    const total = counts.good + counts.bad;
    sumBad += counts.bad - (bad[at] ?? 0);
    sumAll += total - (all[at] ?? 0);
    bad[at] = counts.bad;
    all[at] = total;
    at = (at + 1) % seconds;
    return sumAll > 0 ? sumBad / sumAll : 0;
  };
}

function drawPoisson(random: () => number, mean: number): number {
  // Sums of Poisson counts are Poisson: small pieces keep exp(−mean) away from zero.
  if (mean > 30) return drawPoisson(random, 30) + drawPoisson(random, mean - 30);
  if (mean <= 0) return 0;
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
