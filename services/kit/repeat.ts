import type { Logger } from '#process/logger';
import { createPause } from './pause.ts';

export type Repetition = {
  /** Does it again now, or, while it is being done, once more right after. */
  wake: () => void;
  /** Waits for what is under way. */
  stop: () => Promise<void>;
};

/**
 * Does a work at once and then again and again, `intervalMs` after it was done, or at once when it says by `true` that
 * there is more to do; a failure is logged and does not end it.
 */
export function repeat(
  work: () => Promise<unknown>,
  { intervalMs, logger, name }: { intervalMs: number; logger: Logger; name: string },
): Repetition {
  const pause = createPause();
  let stopping = false;
  let woken = false;
  const loop = async (): Promise<void> => {
    while (!stopping) {
      woken = false;
      const more = await work().catch((error: unknown) => logger.warn({ err: error }, `${name} failed`));
      if (!stopping && !woken && more !== true) await pause.wait(intervalMs);
    }
  };
  const done = loop();
  return {
    wake: () => {
      woken = true;
      pause.end();
    },
    stop: () => {
      stopping = true;
      pause.end();
      return done;
    },
  };
}
