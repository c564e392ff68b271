import type { Logger } from '#process/logger';

/**
 * Runs `stop` once on SIGINT or SIGTERM, then exits 0; exits 1 if it fails or takes longer than `limitMs`.
 */
export function onShutdown(logger: Logger, stop: () => Promise<void>, limitMs = 8_000): void {
  let stopping = false;
  const begin = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    const timer = setTimeout(() => process.exit(1), limitMs);
    timer.unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', () => begin('SIGINT'));
  process.on('SIGTERM', () => begin('SIGTERM'));
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
