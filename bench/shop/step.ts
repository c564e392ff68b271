import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCpuSeconds, readMachineCpuSeconds } from '../cpu.ts';
import { type Bench, readPids } from '../instance.ts';
import { query } from '../query.ts';
import type { Visitors } from './visitors.ts';

/** Until as many visits are under way as the rate makes, most of which last half a minute. */
const settleMs = 25_000;

/** What was seen in a stretch of time. */
export type Observation = {
  seconds: number;
  /** Times of answers by kind of request, ms. */
  latenciesMs: Record<string, number[]>;
  failed: number;
  checkouts: number;
  /** CPU seconds, of the whole machine and by process. */
  machineCpuSeconds: number;
  cpuSeconds: Record<string, number>;
  /** Of PostgreSQL: transactions by database, and blocks that came from disk or its cache. */
  transactions: Record<string, number>;
  blocks: number;
};

export type Step = {
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
  /** Transactions of PostgreSQL per request at the gateway, by database, and blocks. */
  transactionsPerRequest: Record<string, number>;
  blocksPerRequest: number;
};

export type RatedStep = Step & { wantedPerSecond: number };

/** Measures the shop at one rate, for `seconds`. */
export async function measureStep(
  bench: Bench,
  visitors: Visitors,
  { wantedPerSecond, seconds }: { wantedPerSecond: number; seconds: number },
): Promise<RatedStep> {
  visitors.setRate(wantedPerSecond);
  await sleep(settleMs);
  return { wantedPerSecond, ...summarise([await observe(bench, visitors, seconds)]) };
}

/** Watches the shop for `seconds`, as it is visited now. */
export async function observe({ databaseUrl }: Bench, visitors: Visitors, seconds: number): Promise<Observation> {
  const pids = await readPids();
  const read = async () => ({
    ...{ cpu: readCpuSeconds(pids), machine: readMachineCpuSeconds(), atMs: performance.now() },
    load: await readLoad(databaseUrl),
  });
  const before = await read();
  visitors.take();
  await sleep(seconds * 1_000);
  const { latenciesMs, failed, checkouts } = visitors.take();
  const after = await read();
  const earlier = new Map(before.load.map((one) => [one.name, one]));
  const more = (of: 'transactions' | 'blocks'): [string, number][] =>
    after.load.map((one) => [one.name, one[of] - (earlier.get(one.name)?.[of] ?? one[of])]);
  return {
    ...{ seconds: (after.atMs - before.atMs) / 1_000, latenciesMs: Object.fromEntries(latenciesMs), failed, checkouts },
    machineCpuSeconds: after.machine - before.machine,
    cpuSeconds: Object.fromEntries([...after.cpu].map(([name, s]) => [name, s - (before.cpu.get(name) ?? 0)])),
    transactions: Object.fromEntries(more('transactions')),
    blocks: sum(more('blocks').map(([, n]) => n)),
  };
}

/** Several stretches of time as if they were one. */
export function summarise(observations: readonly Observation[]): Step {
  const seconds = sum(observations.map((one) => one.seconds));
  const kinds = new Map<string, number[]>();
  for (const [kind, latencies] of observations.flatMap(({ latenciesMs }) => Object.entries(latenciesMs)))
    kinds.set(kind, [...(kinds.get(kind) ?? []), ...latencies]);
  const sorted = [...kinds.values()].flat().sort((a, b) => a - b);
  const quantile = (q: number): number => round(sorted[Math.ceil(sorted.length * q) - 1] ?? Number.NaN);
  const total = (value: (one: Observation) => number): number => sum(observations.map(value));
  const by = (values: 'cpuSeconds' | 'transactions', divisor: number): [string, number][] =>
    [...new Set(observations.flatMap((one) => Object.keys(one[values])))].map((name) => [
      name,
      round(total((one) => one[values][name] ?? 0) / divisor),
    ]);
  return {
    requestsPerSecond: round(sorted.length / seconds),
    failedShare: round(total(({ failed }) => failed) / sorted.length),
    checkoutsPerSecond: round(total(({ checkouts }) => checkouts) / seconds),
    ...{ p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99) },
    kinds: Object.fromEntries([...kinds].map(([kind, each]) => [kind, { requests: each.length, meanMs: mean(each) }])),
    coresBusy: round(total(({ machineCpuSeconds }) => machineCpuSeconds) / seconds),
    cores: Object.fromEntries(
      by('cpuSeconds', seconds)
        .filter(([, cores]) => cores > 0.01)
        .sort(([, a], [, b]) => b - a),
    ),
    transactionsPerRequest: Object.fromEntries(by('transactions', sorted.length).filter(([, n]) => n > 0.005)),
    blocksPerRequest: round(total(({ blocks }) => blocks) / sorted.length),
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
  return round(sum(values) / values.length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
