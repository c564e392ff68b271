/**
 * `npm run bench:shop -- [--seconds 30] [--warm 600] [--only usual,no-cache,no-telemetry] [--rounds 1] [--no-knee]
 * [--resume]`: how many requests a second the shop answers on this machine with 95 of 100 within 200 ms at the gateway, and what bounds
 * it; as it is, without caches, and without telemetry. Under the default load also: cache hit ratio, p99, and what
 * telemetry costs; with `--no-knee` only these. Each variant has an instance of its own; `--resume` keeps the variants
 * that an interrupted run has measured. A machine that others use too is now faster, now slower, by more than telemetry
 * costs: with `--rounds 4` the variants take turns, there and back. Beside it, at the default load, vegeta (VEGETA_PATH) asks for the same page of
 * products as this process does, to see that both say the same of the shop.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from '@clickhouse/client';
import { readCliEnv } from '#cli/env';
import { type Bench, openInstance, setLoad } from '../instance.ts';
import { writeReport } from '../report.ts';
import { comparePeers, type PeerComparison } from './peer.ts';
import { measureStep, nameBound, type Step } from './step.ts';
import { startVisitors, type Visitors } from './visitors.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    /** Of the default load before anything counts: until what is asked for often has been asked for. */
    warm: { type: 'string', default: '600' },
    only: { type: 'string', default: 'usual,no-cache,no-telemetry' },
    rounds: { type: 'string', default: '1' },
    knee: { type: 'boolean', default: true },
    resume: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const variants: Record<string, Record<string, string>> = {
  usual: {},
  'no-cache': { CACHE_ENTRIES: '0' },
  'no-telemetry': { OTEL_SDK_DISABLED: 'true' },
};

const seconds = Number(flags.seconds);
/** Requests a second of the demo. */
const defaultLoad = 20;
const limits = { p95Ms: 200, failedShare: 0.01 };
const goals = { p99Ms: 200, hitRatio: 0.94, telemetryCost: 0.05 };

type Measured = {
  default: Step;
  steps: Step[];
  /** Requests a second of the last step within the limits; null when it was not looked for. */
  knee: number | null;
  bound: string;
  hitRatio: number | null;
  peer: PeerComparison | null;
};

const progressFile = path.join(readCliEnv().dataDir, 'bench-shop.json');
const measured: Record<string, Measured> = flags.resume ? JSON.parse(readFileSync(progressFile, 'utf8')) : {};
for (const [name, key] of planRuns(flags.only.split(','), Number(flags.rounds))) {
  if (key in measured) continue;
  const bench = await openInstance(variants[name] ?? {}, { own: true });
  try {
    measured[key] = await measureVariant(name, bench);
  } finally {
    await bench.stop();
  }
  writeFileSync(progressFile, JSON.stringify(measured));
  say(writeReport('shop', { seconds, limits, goals, ...conclude(measured), measured }));
}
say(JSON.stringify(conclude(measured), null, 2));

/** Variants in turns, each round in the other direction, with what its result is kept under: `usual`, `usual 2` … */
function planRuns(names: readonly string[], rounds: number): [name: string, key: string][] {
  return Array.from({ length: rounds }, (_, index) => {
    const round = names.map((name): [string, string] => [name, index === 0 ? name : `${name} ${index + 1}`]);
    return index % 2 === 0 ? round : round.reverse();
  }).flat();
}

async function measureVariant(name: string, bench: Bench): Promise<Measured> {
  await setLoad({ ratePerSecond: 0, mode: 'normal' });
  const visitors = startVisitors({ gatewayUrl: bench.instance.gatewayUrl, seed: 1 });
  try {
    await measureStep(bench, visitors, { wantedPerSecond: defaultLoad, seconds: Number(flags.warm) });
    const since = new Date();
    const atDefault = await measureStep(bench, visitors, { wantedPerSecond: defaultLoad, seconds: 2 * seconds });
    report(name, atDefault);
    const hitRatio = name === 'usual' ? await readHitRatio(bench, since) : null;
    const peer = name === 'usual' ? await comparePeers(bench.instance.gatewayUrl) : null;
    const found = flags.knee
      ? await findKnee(name, bench, visitors)
      : { steps: [], knee: null, bound: 'not looked for' };
    return { default: atDefault, hitRatio, peer, ...found };
  } finally {
    await visitors.stop();
  }
}

async function findKnee(
  name: string,
  bench: Bench,
  visitors: Visitors,
): Promise<Pick<Measured, 'steps' | 'knee' | 'bound'>> {
  const steps: Step[] = [];
  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  for (let wanted = 2 * defaultLoad; bad - good > 0.1 * good; ) {
    const step = await measureStep(bench, visitors, { wantedPerSecond: wanted, seconds });
    steps.push(step);
    report(name, step);
    if (step.p95Ms <= limits.p95Ms && step.failedShare <= limits.failedShare) good = wanted;
    else bad = wanted;
    if (good === 0 && wanted <= 5) break;
    wanted = Math.round(Number.isFinite(bad) ? (good + bad) / 2 : good * 1.5);
  }
  const beyond = steps.find(({ wantedPerSecond }) => wantedPerSecond === bad);
  const knee = steps.find(({ wantedPerSecond }) => wantedPerSecond === good)?.requestsPerSecond ?? 0;
  return { steps, knee, bound: beyond === undefined ? 'not found' : nameBound(beyond) };
}

/** Of look-ups, the catalogue's and the gateway's, those that were answered from memory: by their metrics in the store. */
async function readHitRatio({ instance }: Bench, since: Date): Promise<number> {
  const client = createClient({ url: instance.clickhouseUrl, database: 'bellwether' });
  const answer = await client.query({
    query: `SELECT labels['cache_result'] AS result, sum(rise) AS n FROM (
              SELECT fingerprint, max(value) - min(value) AS rise FROM samples
              WHERE timestamp >= {since: DateTime64(3)} GROUP BY fingerprint
            ) AS risen JOIN (
              SELECT fingerprint, anyLast(labels) AS labels FROM series
              WHERE metric = 'cache_requests_total' GROUP BY fingerprint
            ) AS known USING (fingerprint)
            WHERE labels['cache_layer'] = 'local' GROUP BY result`,
    query_params: { since: since.getTime() / 1_000 },
    format: 'JSONEachRow',
  });
  const rows = await answer.json<{ result: string; n: number }>();
  await client.close();
  const total = rows.reduce((sum, { n }) => sum + Number(n), 0);
  const hits = rows.filter(({ result }) => ['hit', 'negative', 'revalidating'].includes(result));
  return hits.reduce((sum, { n }) => sum + Number(n), 0) / total;
}

/**
 * Telemetry's cost: what the same load takes more than without it, of p95, of the time of an answer, and of the CPU of the
 * shop's processes. p95 lies where the few slow kinds of requests (checkout, sign-in) begin, so that one of them more or
 * less moves it; the time of an answer is compared like for like.
 */
function conclude(all: Record<string, Measured>): Record<string, unknown> {
  const stepsOf = (variant: string): Step[] =>
    Object.entries(all).flatMap(([key, measuredOnce]) => (key.split(' ')[0] === variant ? [measuredOnce.default] : []));
  const [usual, silent, uncached] = [stepsOf('usual'), stepsOf('no-telemetry'), stepsOf('no-cache')];
  const more = (value: (step: Step) => number): number | null =>
    silent.length === 0 || usual.length === 0 ? null : compare(average(usual, value), average(silent, value));
  const transactions = (step: Step): number => sum(Object.values(step.transactionsPerRequest));
  return {
    knee: Object.fromEntries(Object.entries(all).map(([name, { knee, bound }]) => [name, { knee, bound }])),
    ...(all.usual === undefined
      ? {}
      : { p99Ms: all.usual.default.p99Ms, hitRatio: all.usual.hitRatio, peer: all.usual.peer }),
    telemetryCostOfP95: more(({ p95Ms }) => p95Ms),
    telemetryCostOfLatency: silent.length === 0 || usual.length === 0 ? null : compareLatencies(usual, silent),
    telemetryCostOfCpu: more(shopCores),
    cachesSaveTransactions:
      uncached.length === 0 ? null : -compare(average(usual, transactions), average(uncached, transactions)),
  };
}

function shopCores({ cores }: Step): number {
  const others = ['collectors', 'clickhouse', 'alerts', 'chaos', 'app', 'postgres', 'shoppers'];
  return sum(Object.entries(cores).flatMap(([name, n]) => (others.includes(name) ? [] : [n])));
}

/** How much more the one is than the other, as a share of the other. */
function compare(one: number, other: number): number {
  return Number((one / other - 1).toPrecision(3));
}

/** How much longer an answer takes, both at the same mix of kinds (direct standardisation: Rothman, Modern Epidemiology). */
function compareLatencies(ones: readonly Step[], others: readonly Step[]): number {
  const [one, other] = [totalByKind(ones), totalByKind(others)];
  const kinds = [...one.keys()].filter((kind) => other.has(kind));
  const requests = (kind: string): number => (one.get(kind)?.requests ?? 0) + (other.get(kind)?.requests ?? 0);
  const time = (totals: typeof one): number =>
    sum(kinds.map((kind) => requests(kind) * ((totals.get(kind)?.ms ?? 0) / (totals.get(kind)?.requests ?? 1))));
  return compare(time(one), time(other));
}

function totalByKind(steps: readonly Step[]): Map<string, { requests: number; ms: number }> {
  const totals = new Map<string, { requests: number; ms: number }>();
  for (const [kind, { requests, meanMs }] of steps.flatMap(({ kinds }) => Object.entries(kinds))) {
    const before = totals.get(kind) ?? { requests: 0, ms: 0 };
    totals.set(kind, { requests: before.requests + requests, ms: before.ms + requests * meanMs });
  }
  return totals;
}

function average(steps: readonly Step[], value: (step: Step) => number): number {
  return sum(steps.map(value)) / steps.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function report(name: string, step: Step): void {
  const { requestsPerSecond, p50Ms, p95Ms, p99Ms, failedShare, coresBusy } = step;
  say(
    `${name.padEnd(13)} ${requestsPerSecond.toFixed(1)}/s  p50 ${p50Ms} ms  p95 ${p95Ms} ms  p99 ${p99Ms} ms  failed ${(100 * failedShare).toFixed(2)} %  ${coresBusy} cores`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
