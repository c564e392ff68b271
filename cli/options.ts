import { UsageError } from './command.ts';
import { parseDurationMs } from './duration.ts';

/**
 * Reads an option that is a duration, in milliseconds; undefined when it was not given.
 * @throws UsageError when it is no duration, or not above 0 and at most `maxSeconds`
 */
export function readDurationMs(option: string, text: string | undefined, maxSeconds: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms > 0 && ms <= maxSeconds * 1000) return ms;
  throw new UsageError(`${option} ${text}: expected a duration such as 90s or 2m, at most ${maxSeconds}s`);
}

/** As `readDurationMs`, in seconds. */
export function readSeconds(option: string, text: string | undefined, maxSeconds: number): number | undefined {
  const ms = readDurationMs(option, text, maxSeconds);
  return ms === undefined ? undefined : ms / 1000;
}
