/**
 * `npm run bench:survival`: kills one process after the other with signal 9, under load and with a fault in force, and
 * counts what was lost or doubled. Uses the instance that runs in this clone, or starts one.
 * `-- --only collectors,postgres` kills only these.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { askChaos, connectControl, withControl } from '#cli/chaos-client';
import { type Bench, isReady, killAndWait, openInstance, waitUntil } from '../instance.ts';
import { writeReport } from '../report.ts';
import { countAlerts, countBooks } from './books.ts';
import { startBuyers } from './checkouts.ts';
import { countSpans, sendSpans } from './spans.ts';

const targets = ['collectors', 'clickhouse', 'alerts', 'app', 'postgres', 'orders'] as const;
const faultTtlSeconds = 90;
const orphanTtlSeconds = 60;

function readTargets(): readonly string[] {
  const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
  if (only === undefined) return targets;
  const chosen = only.split(',');
  const unknown = chosen.filter((name) => !(targets as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`not among ${targets.join(', ')}: ${unknown.join(', ')}`);
  return chosen;
}

type Round = { target: string; backSeconds: number; paged: boolean; resolved: boolean };

process.exitCode = await main();

async function main(): Promise<number> {
  const bench = await openInstance();
  try {
    const { report, problems } = await measure(bench);
    const file = writeReport('survival', { ...report, problems });
    process.stdout.write(`${problems.length === 0 ? 'survived' : `NOT survived: ${problems.join('; ')}`}\n${file}\n`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await bench.stop();
  }
}

async function measure(bench: Bench): Promise<{ report: Record<string, unknown>; problems: string[] }> {
  const { instance, databaseUrl } = bench;
  const since = new Date();
  const run = randomUUID();
  const sender = sendSpans({ otlpUrl: instance.otlpUrl, run });
  const buyers = startBuyers(instance.gatewayUrl);
  const rounds: Round[] = [];
  for (const target of readTargets()) {
    const round = await killUnderFault(target);
    rounds.push(round);
    say(`${target.padEnd(12)} back after ${round.backSeconds.toFixed(1)} s, ${round.paged ? 'paged' : 'NOT paged'}`);
  }
  const orphan = await orphanFault(bench);
  say(`chaos        its fault was gone ${orphan.goneAfterSeconds.toFixed(1)} s after it was killed`);
  const purchases = await buyers.stop();
  const { sent, acknowledged } = await sender.stop();
  const until = new Date();
  // Sagas that were cut short are taken up again within their lease.
  await sleep(30_000);
  const spans = { sent, acknowledged: acknowledged.size, ...(await countSpans({ ...instance, run, acknowledged })) };
  const books = await countBooks({
    ordersUrl: databaseUrl('orders'),
    paymentsUrl: databaseUrl('payments'),
    purchases,
    since,
    until,
  });
  const alerts = await countAlerts(instance.databaseUrl, since);
  for (const [title, counts] of Object.entries({ spans, books, alerts })) {
    say(
      `${title.padEnd(12)} ${Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`,
    );
  }
  const unanswered = purchases.filter(({ outcome }) => outcome === 'unknown').length;
  const problems = findProblems({ rounds, orphan, counts: { ...spans, ...books, ...alerts } });
  return { report: { rounds, orphan, spans, books: { ...books, unanswered }, alerts }, problems };
}

/** Kills a process while a fault is on its way to the pager: its page must arrive, once, and resolve. */
async function killUnderFault(target: string): Promise<Round> {
  await waitUntil(isReady, 120_000, 'the instance is not ready');
  await waitForCalm();
  const startedAt = new Date();
  const name = target === 'orders' ? 'catalog-errors' : 'payments-errors';
  const fault = await withControl((client) => askChaos(client, 'start', { name, ttlSeconds: faultTtlSeconds }));
  await sleep(2_000);
  const backSeconds = await killAndWait(target);
  const isPaged = async (): Promise<boolean> => (await countAccepted(startedAt)) > 0;
  const paged = await waitUntil(isPaged, faultTtlSeconds * 1000, 'no page').then(
    () => true,
    () => false,
  );
  await withControl((client) => askChaos(client, 'stop', { injectionId: fault })).catch(() => undefined);
  const resolved = await waitForCalm().then(
    () => true,
    () => false,
  );
  return { target, backSeconds, paged, resolved };
}

async function countAccepted(since: Date): Promise<number> {
  return count(`SELECT count(*)::int AS n FROM alerts."Fault" WHERE "firingAt" >= $1 AND "acceptedAt" IS NOT NULL`, [
    since,
  ]);
}

async function waitForCalm(): Promise<void> {
  const open = `SELECT count(*)::int AS n FROM alerts."Fault" WHERE state <> 'resolved'`;
  await waitUntil(async () => (await count(open, [])) === 0, 300_000, 'pages stay open for five minutes');
}

async function count(sql: string, values: unknown[]): Promise<number> {
  try {
    const client = await connectControl();
    const { rows } = await client.query<{ n: number }>(sql, values).finally(() => client.end());
    return rows[0]?.n ?? Number.NaN;
  } catch {
    return Number.NaN;
  }
}

type Orphan = { goneAfterSeconds: number; ttlSeconds: number; recorded: boolean };

/** Kills the controller of a fault and asks the service itself when the fault is gone. */
async function orphanFault({ instance, chaosToken }: Bench): Promise<Orphan> {
  const id = await withControl((client) =>
    askChaos(client, 'start', { name: 'cart-latency', ttlSeconds: orphanTtlSeconds, latencyMs: 100, jitterMs: 0 }),
  );
  const url = `http://127.0.0.1:${instance.ports.cart}/_chaos/faults`;
  const startedAt = performance.now();
  const backSeconds = killAndWait('chaos');
  const isGone = async (): Promise<boolean> => {
    const response = await fetch(url, { headers: { 'x-chaos-token': chaosToken } });
    return !(await response.text()).includes(id);
  };
  await waitUntil(isGone, 120_000, 'the fault outlived its controller');
  const goneAfterSeconds = (performance.now() - startedAt) / 1000;
  await backSeconds;
  const ended = `SELECT count(*)::int AS n FROM chaos."Injection" WHERE id = $1 AND state = 'ended'`;
  const recorded = await waitUntil(async () => (await count(ended, [id])) === 1, 30_000, 'not recorded').then(
    () => true,
    () => false,
  );
  return { goneAfterSeconds, ttlSeconds: orphanTtlSeconds, recorded };
}

function findProblems(found: { rounds: Round[]; orphan: Orphan; counts: Record<string, number> }): string[] {
  const { rounds, orphan, counts } = found;
  const forbidden = Object.entries(counts).filter(
    ([name, n]) => /lost|doubled|unfinished|unfounded/i.test(name) && n !== 0,
  );
  return [
    ...rounds.filter(({ paged }) => !paged).map(({ target }) => `no page while ${target} was killed`),
    ...rounds.filter(({ resolved }) => !resolved).map(({ target }) => `pages stayed open after ${target} was killed`),
    ...forbidden.map(([name, n]) => `${name}: ${n}`),
    ...(counts.acknowledged === 0 ? ['no span was acknowledged'] : []),
    ...(counts.confirmed === 0 ? ['no order was confirmed'] : []),
    ...(orphan.goneAfterSeconds > orphan.ttlSeconds ? ['a fault outlived its time to live'] : []),
    ...(orphan.recorded ? [] : ['the end of an orphaned fault is not recorded']),
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
