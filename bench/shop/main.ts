/**
 * `npm run bench:shop -- [--seconds 30] [--warm 600] [--only usual,no-cache,no-telemetry] [--no-knee] [--resume]`: how
 * many requests a second the shop answers on this machine with 95 of 100 within 200 ms at the gateway, and what bounds
 * it; as it is, without caches, and without telemetry. Under the default load also: p99 and cache hit ratio; with
 * `--no-knee` only these. Each variant has an instance of its own; `--resume` keeps the variants that an interrupted run
 * has measured. Beside it, at the default load, vegeta (VEGETA_PATH) asks for the same page of products as this process
 * does, to see that both say the same of the shop. What telemetry costs is measured by `bench:telemetry`.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from '@clickhouse/client';
import { readCliEnv } from '#cli/env';
import { type Bench, openInstance, setLoad } from '../instance.ts';
import { writeReport } from '../report.ts';
import { comparePeers, type PeerComparison } from './peer.ts';
import { measureStep, nameBound, type RatedStep } from './step.ts';
import { defaultLoad, parseVariants, type Variant, variants } from './variants.ts';
import { startVisitors, type Visitors } from './visitors.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    /** Of the default load before anything counts: until what is asked for often has been asked for. */
    warm: { type: 'string', default: '600' },
    only: { type: 'string', default: 'usual,no-cache,no-telemetry' },
    knee: { type: 'boolean', default: true },
    resume: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const seconds = Number(flags.seconds);
const limits = { p95Ms: 200, failedShare: 0.01 };
const goals = { p99Ms: 200, hitRatio: 0.94 };

type Measured = {
  default: RatedStep;
  steps: RatedStep[];
  /** Requests a second of the last step within the limits; null when it was not looked for. */
  knee: number | null;
  bound: string;
  hitRatio: number | null;
  peer: PeerComparison | null;
};

const progressFile = path.join(readCliEnv().dataDir, 'bench-shop.json');
const measured: Record<string, Measured> = flags.resume ? JSON.parse(readFileSync(progressFile, 'utf8')) : {};
for (const name of parseVariants(flags.only, Object.keys(variants) as Variant[])) {
  if (name in measured) continue;
  const bench = await openInstance(variants[name], { own: true });
  try {
    measured[name] = await measureVariant(name, bench);
  } finally {
    await bench.stop();
  }
  writeFileSync(progressFile, JSON.stringify(measured));
  say(writeReport('shop', { seconds, limits, goals, ...conclude(measured), measured }));
}
say(JSON.stringify(conclude(measured), null, 2));

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
  const steps: RatedStep[] = [];
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

function conclude(all: Record<string, Measured>): Record<string, unknown> {
  const { usual, 'no-cache': uncached } = all;
  const transactions = ({ default: { transactionsPerRequest } }: Measured): number =>
    Object.values(transactionsPerRequest).reduce((total, n) => total + n, 0);
  return {
    knee: Object.fromEntries(Object.entries(all).map(([name, { knee, bound }]) => [name, { knee, bound }])),
    ...(usual === undefined ? {} : { p99Ms: usual.default.p99Ms, hitRatio: usual.hitRatio, peer: usual.peer }),
    cachesSaveTransactions:
      usual === undefined || uncached === undefined
        ? null
        : Number((1 - transactions(usual) / transactions(uncached)).toPrecision(3)),
  };
}

function report(name: string, step: RatedStep): void {
  const { requestsPerSecond, p50Ms, p95Ms, p99Ms, failedShare, coresBusy } = step;
  say(
    `${name.padEnd(13)} ${requestsPerSecond.toFixed(1)}/s  p50 ${p50Ms} ms  p95 ${p95Ms} ms  p99 ${p99Ms} ms  failed ${(100 * failedShare).toFixed(2)} %  ${coresBusy} cores`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
