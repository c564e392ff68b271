import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCpuSeconds, readMachineCpuSeconds } from '../cpu.ts';
import { type Bench, readPids } from '../instance.ts';
import { query } from '../query.ts';
import type { Visitors } from './visitors.ts';

/** Until as many visits are under way as the rate makes, most of which last half a minute. */
const settleMs = 25_000;

export type Step = {
  wantedPerSecond: number;
  requestsPerSecond: number;
  failedShare: number;
  checkoutsPerSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Of each kind of request. */
  kinds: Record<string, { requests: number; meanMs: number }>;
  /** CPU in use, in cores: by the whole machine, and by each process that takes more than a hundredth. */
  coresBusy: number;
  cores: Record<string, number>;
  /** Transactions of PostgreSQL per request at the gateway, by database, and blocks that came from disk or its cache. */
  transactionsPerRequest: Record<string, number>;
  blocksPerRequest: number;
};

/** Measures the shop at one rate, for `seconds`. */
export async function measureStep(
  { databaseUrl }: Bench,
  visitors: Visitors,
  { wantedPerSecond, seconds }: { wantedPerSecond: number; seconds: number },
): Promise<Step> {
  visitors.setRate(wantedPerSecond);
  await sleep(settleMs);
  const pids = await readPids();
  const before = { cpu: readCpuSeconds(pids), machine: readMachineCpuSeconds(), load: await readLoad(databaseUrl) };
  visitors.take();
  const startMs = performance.now();
  await sleep(seconds * 1_000);
  const { latenciesMs, failed, checkouts } = visitors.take();
  const elapsed = (performance.now() - startMs) / 1_000;
  const after = { cpu: readCpuSeconds(pids), machine: readMachineCpuSeconds(), load: await readLoad(databaseUrl) };
  const sorted = [...latenciesMs.values()].flat().sort((a, b) => a - b);
  const quantile = (q: number): number => round(sorted[Math.ceil(sorted.length * q) - 1] ?? Number.NaN);
  const used = [...after.cpu].map(([name, s]): [string, number] => [
    name,
    round((s - (before.cpu.get(name) ?? 0)) / elapsed),
  ]);
  const transactions = after.load.map(({ name, transactions: n }): [string, number] => {
    const earlier = before.load.find((one) => one.name === name)?.transactions ?? n;
    return [name, round((n - earlier) / sorted.length)];
  });
  const blocks = (load: DatabaseLoad[]): number => load.reduce((total, one) => total + one.blocks, 0);
  return {
    wantedPerSecond,
    requestsPerSecond: round(sorted.length / elapsed),
    failedShare: round(failed / sorted.length),
    checkoutsPerSecond: round(checkouts / elapsed),
    ...{ p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99) },
    kinds: Object.fromEntries(
      [...latenciesMs].map(([kind, each]) => [kind, { requests: each.length, meanMs: mean(each) }]),
    ),
    coresBusy: round((after.machine - before.machine) / elapsed),
    cores: Object.fromEntries(used.filter(([, cores]) => cores > 0.01).sort(([, a], [, b]) => b - a)),
    transactionsPerRequest: Object.fromEntries(transactions.filter(([, n]) => n > 0.005)),
    blocksPerRequest: round((blocks(after.load) - blocks(before.load)) / sorted.length),
  };
}

/** What keeps the shop from more: in words. */
export function nameBound({ coresBusy, cores }: Step): string {
  const [first = ['nobody', 0] as const, ...others] = Object.entries(cores);
  const top = [first, ...others.slice(0, 4)].map(([name, n]) => `${name} ${n.toFixed(2)}`).join(', ');
  if (coresBusy > 0.92 * cpus().length) return `the machine's ${cpus().length} cores (${top})`;
  if (first[1] > 0.9 && first[0] !== 'postgres') return `the one thread of ${first[0]} (${top})`;
  return `waiting, not CPU: ${coresBusy.toFixed(2)} of ${cpus().length} cores were busy (${top})`;
}

type DatabaseLoad = { name: string; transactions: number; blocks: number };

async function readLoad(databaseUrl: Bench['databaseUrl']): Promise<DatabaseLoad[]> {
  return query<DatabaseLoad>(
    databaseUrl('catalog'),
    `SELECT datname AS name, (xact_commit + xact_rollback)::float8 AS transactions,
       (blks_read + blks_hit)::float8 AS blocks FROM pg_stat_database WHERE datname IS NOT NULL`,
  );
}

function mean(values: readonly number[]): number {
  return round(values.reduce((sum, value) => sum + value, 0) / values.length);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
