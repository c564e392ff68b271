import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What tells a running process from a later one with the same pid. */
export type ProcessIdentity = { pid: number; startedAt: string };

/** The identity of a running process, or undefined when no process has this pid (a zombie counts as none). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (process.platform === 'linux') {
    const fields = readStat(pid);
    // Fields after the command: state is the 1st, start time in clock ticks since boot the 20th.
    return fields === undefined || fields[0] === 'Z' ? undefined : { pid, startedAt: fields[19] ?? '' };
  }
  try {
    const startedAt = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return startedAt === '' ? undefined : { pid, startedAt };
  } catch {
    return undefined;
  }
}

/** Whether the very process that was recorded is still running. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/**
 * Ends a recorded process: `signal` first, SIGKILL when it is still there after `graceMs`.
 * @returns false when it was not running any more
 */
export async function endProcess(
  identity: ProcessIdentity,
  { signal, graceMs }: { signal: NodeJS.Signals; graceMs: number },
): Promise<boolean> {
  if (!isRunning(identity)) return false;
  trySignal(identity.pid, signal);
  if (await isGone(identity, graceMs)) return true;
  trySignal(identity.pid, 'SIGKILL');
  await isGone(identity, 2_000);
  return true;
}

/** Sends a signal; a process that is gone already is not an error. */
export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone, which is what the caller wanted to bring about anyway.
  }
}

async function isGone(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return true;
}

function readStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
