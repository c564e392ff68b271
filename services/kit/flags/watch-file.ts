import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Logger } from '#process/logger';
import { type FlagFile, parseFlagFile } from './flag-file.ts';

export type WatchOptions = {
  file: string;
  logger: Logger;
  /** Called with the first content, and with each change of it that is in order. */
  onChange: (flags: FlagFile) => void | Promise<void>;
  /** Default 1,000. */
  intervalMs?: number;
};

/**
 * Follows a file of flags by looking at it: that works for files which are renamed into place or mounted as well. One that
 * is bad or gone changes nothing, and is said once, with the place.
 * @returns how to stop, after a first look at the file
 */
export async function watchFlagFile({ file, logger, onChange, intervalMs = 1_000 }: WatchOptions): Promise<() => void> {
  let taken = '';
  let complaint = '';
  const look = async (): Promise<void> => {
    try {
      const text = await readFile(file, 'utf8');
      if (text === taken) return;
      const flags = parseFlagFile(text, file);
      await onChange(flags);
      taken = text;
      complaint = '';
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== complaint)
        logger.error({ reason: message }, 'the flags stay as they were: the file is not taken');
      complaint = message;
    }
  };
  let latest = look();
  const listener = (): void => {
    latest = latest.then(look);
  };
  watchFile(file, { interval: intervalMs, persistent: false }, listener);
  await latest;
  return () => unwatchFile(file, listener);
}
