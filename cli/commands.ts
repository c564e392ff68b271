import type { Command } from './command.ts';

/** Every command by name, loaded when it is called. To add one: a file that exports `command`, and a line here. */
export const commands: Record<string, () => Promise<{ command: Command }>> = {
  up: () => import('./up/command.ts'),
  status: () => import('./status.ts'),
  restart: () => import('./restart.ts'),
  drill: () => import('./drill.ts'),
  fault: () => import('./fault.ts'),
  load: () => import('./load.ts'),
  dlq: () => import('./dlq.ts'),
  dev: () => import('./dev.ts'),
  check: () => import('./check/command.ts'),
  reset: () => import('./reset.ts'),
};
