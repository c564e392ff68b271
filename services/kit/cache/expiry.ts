/**
 * Whether an entry is to be loaded again although it is still good. The nearer its end and the longer its load, the
 * likelier; so one caller among many, in whatever process, renews a popular entry before all of them miss it at once.
 * This is XFetch with beta = 1: A. Vattani, F. Chierichetti, K. Lowenstein, "Optimal Probabilistic Cache Stampede
 * Prevention", PVLDB 8(8), 2015. A lock in Redis would do it too, but somebody has to wait for its holder, and it is
 * worst when Redis is: this needs nothing but the entry.
 * @param timing times in milliseconds; `loadMs` is how long the value took to load
 * @param random uniform in [0, 1)
 */
export function isDueEarly(
  { nowMs, expiresMs, loadMs }: { nowMs: number; expiresMs: number; loadMs: number },
  random: () => number,
): boolean {
  return nowMs - loadMs * Math.log(1 - random()) >= expiresMs;
}

/** At most this share of a time to live is taken off, so that what was loaded together does not end together. */
const jitter = 0.1;

/** The time to live in milliseconds, with jitter; never longer than what was asked for. */
export function jitteredMs(seconds: number, random: () => number): number {
  return Math.ceil(seconds * 1_000 * (1 - jitter * random()));
}
