import type { ChildProcess } from 'node:child_process';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * While nothing runs yet that would have to be stopped in order, a signal ends this process at once, by way of its
 * `exit` listeners.
 * @returns a function that leaves the signals to others again
 */
export function exitOnSignal(): () => void {
  const exit = (): void => process.exit(130);
  for (const signal of signals) process.on(signal, exit);
  return () => {
    for (const signal of signals) process.off(signal, exit);
  };
}

/** Ends a tool that this process started, should this process end before it. */
export function endWithUs(child: ChildProcess): void {
  const end = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}
