import { readFile } from 'node:fs/promises';
import type { Logger } from '#process/logger';
import { type FlagFile, parseFlagFile } from './flag-file.ts';

export type WatchOptions = {
  file: string;
  logger: Logger;
  /** Called with the first content, and with each change of it that is in order; again when it rejects. */
  onChange: (flags: FlagFile) => void | Promise<void>;
  /** Default 1,000. */
  intervalMs?: number;
};

/**
 * Follows a file of flags by reading it: that works for files which are renamed into place or mounted as well. One that is
 * bad or gone changes nothing, and is said once, with the place.
 * @returns how to stop, after a first look at the file
 */
export async function watchFlagFile(options: WatchOptions): Promise<() => Promise<void>> {
  const { file, logger, onChange, intervalMs = 1_000 } = options;
  let taken: string | null = null;
  let complaint = '';
  const look = async (): Promise<void> => {
    try {
      const text = await readFile(file, 'utf8');
      if (text === taken) return;
      await onChange(parseFlagFile(text, file));
      taken = text;
      complaint = '';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== complaint) logger.error({ reason }, 'the flags stay as they were: the file is not taken');
      complaint = reason;
    }
  };
  let latest = look();
  await latest;
  const timer = setInterval(() => {
    latest = latest.then(look);
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await latest;
  };
}
