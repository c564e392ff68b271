import type { Observation } from './observation.ts';

/** A run of evidence for one alternative since its sum was last at zero. Times in ms since the epoch. */
export type Excursion = {
  /** sum of ln L since the onset */
  sum: number;
  /** event time of the first bad event */
  onsetMs: number;
  /** when the store had it */
  storedMs: number;
  /** when it was first evaluated */
  evaluatedMs: number;
  lastBadMs: number;
  good: number;
  bad: number;
};

/**
 * Page's cumulative sum for each alternative: the last time it was zero is the maximum-likelihood estimate of when the
 * change happened (E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954; M. Basseville and I. Nikiforov,
 * "Detection of Abrupt Changes", 1993, §2.2).
 */
export function extendExcursions(
  excursions: (Excursion | null)[],
  logRatios: number[],
  observation: Observation,
): (Excursion | null)[] {
  return excursions.map((excursion, k) => {
    const sum = (excursion?.sum ?? 0) + (logRatios[k] ?? 0);
    if (sum <= 0) return null;
    if (excursion === null) return beginExcursion(sum, observation);
    return {
      ...excursion,
      sum,
      good: excursion.good + observation.good,
      bad: excursion.bad + observation.bad,
      lastBadMs: Math.max(excursion.lastBadMs, observation.firstBadMs ?? 0),
    };
  });
}

/** The excursion of the alternative that explains the data best: its onset is the estimate over the whole grid. */
export function likeliestExcursion(excursions: (Excursion | null)[]): Excursion | null {
  return excursions.reduce((best, next) => (next !== null && next.sum > (best?.sum ?? 0) ? next : best), null);
}

function beginExcursion(sum: number, { atMs, good, bad, firstBadMs, firstBadStoredMs }: Observation): Excursion {
  const onsetMs = firstBadMs ?? atMs;
  return {
    sum,
    onsetMs,
    storedMs: firstBadStoredMs ?? atMs,
    evaluatedMs: atMs,
    lastBadMs: onsetMs,
    good,
    bad,
  };
}
