import { listDescendants } from '../cpu.ts';

/** Stops a process and all that descends from it, parents first, so that nobody is missed by who watches over it. */
export function pause(pid: number): void {
  signal([pid, ...listDescendants(pid)], 'SIGSTOP');
}

/** Lets a process and all that descends from it go on, parents last. */
export function goOn(pid: number): void {
  signal([pid, ...listDescendants(pid)].reverse(), 'SIGCONT');
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
}
