import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { endOrphan } from '../embedded/cluster.ts';
import { endProcess, identifyProcess, isRunning, type ProcessIdentity, trySignal } from '../embedded/processes.ts';

const identitySchema = z.object({ pid: z.number().int().positive(), startedAt: z.string() });

/**
 * Makes this process the one supervisor of a data directory. The lock names its holder, so one that was killed does
 * not keep it.
 * @returns the holder's pid when another one has it; otherwise a function that lets go
 */
export function takeLock(dataDir: string): { held: number } | { release: () => void } {
  const file = path.join(dataDir, 'supervisor.lock');
  const own = identifyProcess(process.pid);
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = readIdentities(file)[0];
    if (holder !== undefined && isRunning(holder)) return { held: holder.pid };
    rmSync(file, { force: true });
  }
}

/** Remembers who runs, for {@link endLeftovers}. */
export function recordPids(dataDir: string, pids: Readonly<Record<string, number>>): void {
  const identities = Object.values(pids).flatMap((pid) => identifyProcess(pid) ?? []);
  const file = path.join(dataDir, 'processes.json');
  writeFileSync(`${file}.new`, JSON.stringify(identities), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Removes the record once everything has stopped. */
export function forgetPids(dataDir: string): void {
  rmSync(path.join(dataDir, 'processes.json'), { force: true });
}

/**
 * Ends what an earlier supervisor left running when it was killed: those processes notice by themselves, but a start
 * right after must not meet them.
 * @returns how many there were
 */
export async function endLeftovers(dataDir: string): Promise<number> {
  mkdirSync(dataDir, { recursive: true });
  const leftovers = readIdentities(path.join(dataDir, 'processes.json'));
  const ended = await Promise.all(leftovers.map(endWithChildren));
  const hadOrphan = await endOrphan(path.join(dataDir, 'postgres'));
  forgetPids(dataDir);
  return ended.filter(Boolean).length + (hadOrphan ? 1 : 0);
}

/** Each process leads a group of its own, in which its children are. */
async function endWithChildren(identity: ProcessIdentity): Promise<boolean> {
  const wasRunning = await endProcess(identity, { signal: 'SIGTERM', graceMs: 6_000 });
  if (wasRunning) trySignal(-identity.pid, 'SIGKILL');
  return wasRunning;
}

function readIdentities(file: string): ProcessIdentity[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return z.array(identitySchema).parse(Array.isArray(value) ? value : [value]);
  } catch {
    // Half written when the machine went down: nothing of it can be running.
    return [];
  }
}
