/** Events per second, learnt with an exponential kernel. */
export type Rate = { perSecond: number; sinceMs: number | null; atMs: number | null };

const kernelSeconds = 300;

/**
 * Adds `events` seen at `atMs`. While the kernel has not been filled, the estimate is divided by the part of it that
 * has, so that the first minute is not taken for a quiet one.
 */
export function observeRate(rate: Rate, atMs: number, events: number): Rate {
  if (rate.sinceMs === null || rate.atMs === null) return { perSecond: events, sinceMs: atMs - 1_000, atMs };
  const elapsed = Math.max(0, (atMs - rate.atMs) / 1_000);
  const filledBefore = filled(rate.atMs - rate.sinceMs);
  const filledNow = filled(atMs - rate.sinceMs);
  const kept = rate.perSecond * filledBefore * Math.exp(-elapsed / kernelSeconds);
  return {
    perSecond: (kept + events / kernelSeconds) / filledNow,
    sinceMs: rate.sinceMs,
    atMs: Math.max(atMs, rate.atMs),
  };
}

function filled(elapsedMs: number): number {
  return 1 - Math.exp(-Math.max(1, elapsedMs / 1_000) / kernelSeconds);
}
