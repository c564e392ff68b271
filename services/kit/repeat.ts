import type { Logger } from '#process/logger';

/**
 * Does a work at once and then again and again, `intervalMs` after it was done; a failure is logged and does not end it.
 * @returns how to stop, which waits for what is under way
 */
export function repeat(
  work: () => Promise<void>,
  { intervalMs, logger, name }: { intervalMs: number; logger: Logger; name: string },
): () => Promise<void> {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const loop = (): void => {
    running = work()
      .catch((error: unknown) => logger.warn({ err: error }, `${name} failed`))
      .finally(() => {
        if (!stopping) timer = setTimeout(loop, intervalMs);
      });
  };
  loop();
  return async () => {
    stopping = true;
    clearTimeout(timer);
    await running;
  };
}
