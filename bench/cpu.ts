import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of Linux, `sysconf(_SC_CLK_TCK)`. */
const ticksPerSecond = 100;

/**
 * CPU seconds that each process and all that it started have used so far (Linux). Of children that have ended only those
 * count that their parent has waited for.
 * @param pids by name
 */
export function readCpuSeconds(pids: ReadonlyMap<string, number>): Map<string, number> {
  const stats = readStats();
  const names = new Map([...pids].map(([name, pid]) => [pid, name]));
  const seconds = new Map([...pids.keys()].map((name) => [name, 0]));
  for (const [pid, { ticks }] of stats) {
    let root: number | undefined = pid;
    while (root !== undefined && root > 1 && !names.has(root)) root = stats.get(root)?.parent;
    const name = root === undefined ? undefined : names.get(root);
    if (name !== undefined) seconds.set(name, (seconds.get(name) ?? 0) + ticks / ticksPerSecond);
  }
  return seconds;
}

/** The process ids of all that a process has started, and they in turn; parents before their children (Linux). */
export function listDescendants(pid: number): number[] {
  const children = Map.groupBy(readStats(), ([, { parent }]) => parent);
  const below = (parent: number): number[] =>
    (children.get(parent) ?? []).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** CPU seconds that the whole machine has spent working since it started. */
export function readMachineCpuSeconds(): number {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields.map(Number);
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
}

function readStats(): Map<number, { parent: number; ticks: number }> {
  return new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readStat(Number(name))),
  );
}

function readStat(pid: number): [number, { parent: number; ticks: number }][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return [[pid, { parent: Number(fields[1]), ticks }]];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
