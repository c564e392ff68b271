/**
 * A Shiryaev–Roberts mixture e-detector for a ratio of bad events.
 *
 * Null: given the past, each event is bad with probability at most p₀. For an alternative q > p₀ one tick with g good
 * and b bad events has the likelihood ratio
 *
 *     L(q) = (q / p₀)^b · ((1 − q) / (1 − p₀))^g,
 *
 * whose conditional mean under any p ≤ p₀ is at most 1 (it is linear and increasing in p and equals 1 at p₀): an
 * e-value. The Shiryaev–Roberts recursion R ← (1 + R) · L sums the evidence for "it began at tick j" over all j.
 * R_n − n is a supermartingale under the null, so is the mixture Σ w_q R(q) − n for weights that add up to one, and
 * optional stopping gives E[T_A] ≥ E[R at T_A] ≥ A for T_A = the first tick with R ≥ A:
 *
 *     the threshold A *is* the promised mean number of ticks between false alarms.
 *
 * It holds whatever the order, the volume and the dependence of the traffic. Two things only lengthen it: stopping
 * later than T_A (floors), and replacing L by min(L, c), which still has a mean of at most 1. The same construction
 * with p₀ as a lower bound and alternatives below it tests "it is over".
 *
 * Sources: J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection",
 * New England Journal of Statistics in Data Science 2 (2024), Definition 2.2 (e-SR) and Theorem 2.4 (average run
 * length); M. Pollak, "Optimal detection of a change in distribution", Annals of Statistics 13 (1985), for the mixture.
 */
export type Alternatives = { nullRatio: number; ratios: number[]; weights: number[] };

/** `ln(1 + R)` per alternative: 0 at the start, never negative, so it survives JSON. */
export type Evidence = number[];

/** Alternatives above the null, evenly spaced in log odds, weighted towards hard faults: those must page soonest. */
export function alternativesAbove(nullRatio: number): Alternatives {
  const count = 8;
  const lowest = logOdds(nullRatio) + 0.5;
  const highest = Math.max(lowest + 1, logOdds(0.995));
  const ratios = Array.from({ length: count }, (_, k) => fromLogOdds(lowest + ((highest - lowest) * k) / (count - 1)));
  const raw = ratios.map((_, k) => 1.5 ** k);
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return { nullRatio, ratios, weights: raw.map((weight) => weight / total) };
}

/** Alternatives below the null, none at all among them. */
export function alternativesBelow(nullRatio: number): Alternatives {
  const shares = [0, 0.1, 0.3, 0.6];
  return { nullRatio, ratios: shares.map((share) => share * nullRatio), weights: shares.map(() => 1 / shares.length) };
}

/** No evidence yet. */
export function noEvidence({ ratios }: Alternatives): Evidence {
  return ratios.map(() => 0);
}

/** ln L of one tick for each alternative, cut off at `cap` (no single tick may decide). */
export function logLikelihoodRatios(
  { nullRatio, ratios }: Alternatives,
  { good, bad }: { good: number; bad: number },
  cap: number,
): number[] {
  return ratios.map((ratio) => {
    const fromBad = bad === 0 ? 0 : bad * (Math.log(ratio) - Math.log(nullRatio));
    const fromGood = good === 0 ? 0 : good * (Math.log1p(-ratio) - Math.log1p(-nullRatio));
    // An alternative of exactly zero is refuted by one bad event: ln L = −∞, kept finite for arithmetic and JSON.
    return Math.max(-1e6, Math.min(cap, fromBad + fromGood));
  });
}

/** R ← (1 + R) · L for each alternative, in logarithms. */
export function addTick(evidence: Evidence, logRatios: number[]): Evidence {
  return evidence.map((value, k) => log1pExp(value + (logRatios[k] ?? 0)));
}

/** ln of the mixture Σ w R; −∞ before any evidence. */
export function logStatistic({ weights }: Alternatives, evidence: Evidence): number {
  const highest = Math.max(...evidence);
  // R = e^s − 1; scaled by the largest so that nothing overflows.
  const scaled = evidence.reduce(
    (sum, value, k) => sum + (weights[k] ?? 0) * (Math.exp(value - highest) - Math.exp(-highest)),
    0,
  );
  return scaled > 0 ? highest + Math.log(scaled) : Number.NEGATIVE_INFINITY;
}

/** Kullback–Leibler divergence of one event, KL(p ‖ p₀) in nats: ln(A) / KL events is the least any test can need. */
export function divergence(ratio: number, nullRatio: number): number {
  const bad = ratio === 0 ? 0 : ratio * Math.log(ratio / nullRatio);
  const good = ratio === 1 ? 0 : (1 - ratio) * Math.log((1 - ratio) / (1 - nullRatio));
  return bad + good;
}

function log1pExp(value: number): number {
  return value > 30 ? value : Math.log1p(Math.exp(value));
}

function logOdds(ratio: number): number {
  return Math.log(ratio) - Math.log1p(-ratio);
}

function fromLogOdds(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}
