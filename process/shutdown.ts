import type { Logger } from '#process/logger';

/**
 * Runs `stop` once on SIGINT or SIGTERM, then exits 0; exits 1 if it fails or takes longer than `limitMs`. SIGUSR2 begins
 * the same without hurry: a successor serves already, and whoever sent it decides how long is too long.
 * @param stop its signal is aborted as soon as there is hurry
 */
export function onShutdown(logger: Logger, stop: (hurry: AbortSignal) => Promise<void>, limitMs = 8_000): void {
  const hurry = new AbortController();
  let stopping = false;
  const begin = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    stop(hurry.signal).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stop failed');
        process.exit(1);
      },
    );
  };
  const beginInHurry = (signal: string): void => {
    if (!hurry.signal.aborted) setTimeout(() => process.exit(1), limitMs).unref();
    hurry.abort();
    begin(signal);
  };
  process.on('SIGINT', () => beginInHurry('SIGINT'));
  process.on('SIGTERM', () => beginInHurry('SIGTERM'));
  process.on('SIGUSR2', () => begin('SIGUSR2'));
}

/** Runs a process's `main`; a failure to start is one clear line on standard error and exit code 1. */
export function runMain(processName: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    process.stderr.write(
      `${processName}: ${error instanceof Error ? (error.name === 'ConfigError' ? error.message : (error.stack ?? error.message)) : String(error)}\n`,
    );
    process.exit(1);
  });
}
