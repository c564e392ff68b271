/**
 * `npm run bench:consistency -- [--minutes 30] [--seed 1] [--rate 20]`: load, and random processes of the shop, its database and its
 * bus killed with signal 9 all the while; then, when all is quiet, the books are compared: money charged and orders
 * confirmed, stock sold and left, each event and its effects. Goes on with a run that was interrupted, as long as the
 * instance's data are the same.
 * `-- --kafka` the same on a real Kafka broker, which is killed too.
 * `-- --rolling` restarts every process of the shop once instead, under load: no request may fail.
 * `-- --last-pieces` lets 500 buyers come for the last 10 pieces of an article.
 * Uses the instance that runs in this clone, or starts one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDeadLetters } from '#process/bus/open';
import { createLogger } from '#process/logger';
import { serviceNames } from '#services/topology';
import { type Bench, isReady, killAndWait, openInstance, setLoad, waitUntil } from '../instance.ts';
import { writeReport } from '../report.ts';
import { countBooks } from '../survival/books.ts';
import { startBuyers } from '../survival/checkouts.ts';
import { type KilledBroker, startKilledBroker } from './broker.ts';
import { type Differences, findDifferences } from './effects.ts';
import { sellLastPieces } from './last-pieces.ts';
import { murder } from './murder.ts';
import { forgetProgress, type Progress, resumeProgress, saveProgress } from './progress.ts';
import { restartAll } from './rolling.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    /** Requests a second of the shoppers; the buyers come on top. */
    rate: { type: 'string', default: '20' },
    kafka: { type: 'boolean', default: false },
    rolling: { type: 'boolean', default: false },
    'last-pieces': { type: 'boolean', default: false },
  },
});

const ratePerSecond = Number(flags.rate);
/** For sagas that were cut short, reservations to expire, and events to arrive. */
const quietWithinMs = 300_000;

type Outcome = { name: string; report: Record<string, unknown>; problems: string[] };

process.exitCode = await main();

async function main(): Promise<number> {
  const broker = flags.kafka ? await startKilledBroker() : null;
  const bench = broker === null ? await openInstance() : await openOnKafka(broker);
  try {
    const { name, report, problems } = await measure(bench, broker);
    const file = writeReport(name, { ...report, problems });
    process.stdout.write(`${problems.length === 0 ? 'passed' : `NOT passed: ${problems.join('; ')}`}\n${file}\n`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await bench.stop();
    await broker?.stop();
  }
}

async function openOnKafka({ address, stop }: KilledBroker): Promise<Bench> {
  try {
    return await openInstance({ KAFKA_BROKERS: address }, { own: true });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function measure(bench: Bench, broker: KilledBroker | null): Promise<Outcome> {
  await setLoad({ ratePerSecond, mode: 'normal' });
  if (flags.rolling) return { name: 'rolling-restart', ...(await restartAll(bench.instance)) };
  if (flags['last-pieces']) {
    // Somebody else would have one of them.
    await setLoad({ ratePerSecond: 0 });
    return { name: 'last-pieces', ...(await sellLastPieces(bench)) };
  }
  const bus = flags.kafka ? 'kafka' : 'embedded';
  const progress = resumeProgress({ minutes: Number(flags.minutes), seed: Number(flags.seed), bus });
  await murderUnderLoad(bench, progress, broker);
  const found = await compareWhenQuiet(bench, progress);
  forgetProgress();
  const { minutes, seed, since, kills } = progress;
  return {
    name: flags.kafka ? 'consistency-kafka' : 'consistency',
    report: { minutes, seed, since, kills, ...found },
    problems: [
      ...Object.entries(found.differences).flatMap(([what, n]) => (n === 0 ? [] : [`${what}: ${n}`])),
      ...kills.flatMap(({ problem }) => problem ?? []),
      ...(found.confirmed === 0 ? ['no order was confirmed'] : []),
    ],
  };
}

async function murderUnderLoad({ instance }: Bench, progress: Progress, broker: KilledBroker | null): Promise<void> {
  const before = { seconds: progress.seconds, purchases: progress.purchases };
  const startedAtMs = performance.now();
  const elapsedSeconds = (): number => before.seconds + (performance.now() - startedAtMs) / 1_000;
  const leftMs = Math.max(0, progress.minutes * 60_000 - before.seconds * 1_000);
  const buyers = startBuyers(instance.gatewayUrl);
  const save = (): void => {
    progress.seconds = elapsedSeconds();
    progress.purchases = [...before.purchases, ...buyers.known()];
    saveProgress(progress);
  };
  await murder({
    targets: [...serviceNames, 'postgres', ...(broker === null ? [] : ['kafka'])],
    kill: (target) => (target === 'kafka' && broker !== null ? broker.killAndWait() : killAndWait(target)),
    seed: progress.seed,
    round: progress.kills.length,
    untilMs: startedAtMs + leftMs,
    elapsedSeconds,
    onKill: (kill) => {
      progress.kills.push(kill);
      save();
      const back = kill.problem ?? `back after ${kill.backSeconds?.toFixed(1)} s`;
      say(`${kill.atSeconds.toFixed(0).padStart(5)} s  ${kill.target.padEnd(16)} ${back}`);
    },
  });
  await buyers.stop();
  save();
}

type Found = { confirmed: number; unanswered: number; differences: Differences };

/** The last difference counts: what is on its way when the load ends has some time to arrive. */
async function compareWhenQuiet({ instance, databaseUrl }: Bench, progress: Progress): Promise<Found> {
  await waitUntil(isReady, 120_000, 'the instance is not ready');
  await setLoad({ ratePerSecond: 0 });
  const deadlineMs = performance.now() + quietWithinMs;
  for (let calm = 0; ; ) {
    await sleep(10_000);
    const { purchases, confirmed, ...books } = await countBooks({
      ...{ ordersUrl: databaseUrl('orders'), paymentsUrl: databaseUrl('payments') },
      ...{ purchases: progress.purchases, since: progress.since, until: new Date() },
    });
    const followed = await findDifferences({ databaseUrl, clickhouseUrl: instance.clickhouseUrl });
    const differences = { ...books, ...followed, deadLetters: await countDeadLetters(instance) };
    const open = Object.entries(differences).filter(([, n]) => n !== 0);
    say(
      `${confirmed} orders confirmed, ${purchases} by our buyers; ${open.map(([what, n]) => `${what} ${n}`).join(', ') || 'no difference'}`,
    );
    // Twice in a row: an effect too many comes late.
    calm = open.length === 0 ? calm + 1 : 0;
    if (calm < 2 && performance.now() < deadlineMs) continue;
    await setLoad({ ratePerSecond });
    const unanswered = progress.purchases.filter(({ outcome }) => outcome === 'unknown').length;
    return { confirmed, unanswered, differences };
  }
}

async function countDeadLetters({ busUrl, kafkaBrokers }: Bench['instance']): Promise<number> {
  const logger = createLogger('bench');
  logger.level = 'silent';
  const letters = await openDeadLetters({ BUS_URL: busUrl, KAFKA_BROKERS: kafkaBrokers }, { name: 'bench', logger });
  try {
    return (await letters.list()).length;
  } finally {
    await letters.stop();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
