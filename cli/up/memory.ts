import { readdir, readFile } from 'node:fs/promises';

/**
 * Resident memory in bytes of each process together with all that it started. Pages shared between processes count
 * once, divided among those that share them (PSS), so that the figures add up: PostgreSQL's hundred backends share
 * most of theirs. Empty where there is no /proc.
 */
export async function measureMemory(pids: readonly number[]): Promise<Map<number, number>> {
  const parents = await readParents();
  const bytes = new Map<number, number>();
  const roots = new Set(pids);
  for (const pid of parents.keys()) {
    const root = findRoot(pid, parents, roots);
    if (root !== undefined) bytes.set(root, (bytes.get(root) ?? 0) + (await readResident(pid)));
  }
  return bytes;
}

function findRoot(pid: number, parents: ReadonlyMap<number, number>, roots: ReadonlySet<number>): number | undefined {
  let current: number | undefined = pid;
  while (current !== undefined && current > 1) {
    if (roots.has(current)) return current;
    current = parents.get(current);
  }
  return undefined;
}

async function readParents(): Promise<Map<number, number>> {
  const parents = new Map<number, number>();
  const names = await readdir('/proc').catch(() => []);
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  return parents;
}

async function readResident(pid: number): Promise<number> {
  const shares = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const share = /^Pss:\s+(\d+) kB/m.exec(shares)?.[1];
  if (share !== undefined) return Number(share) * 1_024;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
}
