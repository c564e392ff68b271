const baseMs = 500;
const capMs = 30_000;

/**
 * When to try again after `attempts` failures: exponential, at most half a minute, half of it jitter so that receivers
 * that come back are not met by everything at once.
 * @param random uniform in [0, 1)
 */
export function backOffMs(attempts: number, random: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
