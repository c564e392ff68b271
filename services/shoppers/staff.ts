import { UnansweredError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';

export type StaffOptions = {
  /** What the screens of the back office show, refreshed in turn. */
  screens: readonly { client: Client; path: string; headers?: Record<string, string> }[];
  intervalMs: number;
};

/**
 * People at screens that refresh: the services behind them have little traffic of their own, and a failure of theirs
 * should show within a minute too.
 * @returns how to send them home
 */
export function startStaff({ screens, intervalMs }: StaffOptions): () => Promise<void> {
  const timers = screens.map(({ client, path, headers = {} }) =>
    setInterval(() => {
      client.get(path, { headers }).catch((error: unknown) => {
        if (!(error instanceof UnansweredError)) throw error;
      });
    }, intervalMs),
  );
  return async () => {
    for (const timer of timers) clearInterval(timer);
  };
}
