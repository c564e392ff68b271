const firstDelayMs = 500;
const longestDelayMs = 30_000;

/** A process that stayed ready this long starts again from the shortest delay when it dies. */
export const forgiveAfterMs = 30_000;

/**
 * How long to wait before a dead process is started again: doubles with each death in a row, up to half a minute, and
 * varies by a quarter either way so that several that died together do not return together.
 * @param failures deaths in a row, 1 or more
 * @param random from 0 (inclusive) to 1 (exclusive)
 */
export function nextDelayMs(failures: number, random: number): number {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.round(delay * (0.75 + 0.5 * random));
}
