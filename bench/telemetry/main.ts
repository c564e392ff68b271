/**
 * `npm run bench:telemetry -- [--turns 12] [--seconds 40] [--warm 600] [--variants usual,telemetry-elsewhere,no-telemetry]`:
 * what telemetry costs the shop under its default load, of p95, of the time of an answer and of CPU; with the store on the
 * same machine, and with one that is elsewhere. A machine that others use too is now faster, now slower, by more than
 * telemetry costs; so all these shops run at once and take turns of a minute: those whose turn it is not are
 * stopped (SIGSTOP), their visitors too, and take nothing.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readCliEnv } from '#cli/env';
import { readEnvironment } from '#cli/up/env';
import { writeReport } from '../report.ts';
import { type Observation, type Step, summarise } from '../shop/step.ts';
import { parseVariants, sideVariants } from '../shop/variants.ts';
import { compareLatencies, compareOne, shopCores } from './compare.ts';
import { goOn, pause } from './pause.ts';
import type { Order } from './side.ts';

const { values: flags } = parseArgs({
  options: {
    turns: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '40' },
    /** Of the default load for each, one after the other, before anything counts. */
    warm: { type: 'string', default: '600' },
    variants: { type: 'string', default: 'usual,telemetry-elsewhere,no-telemetry' },
  },
});

/** After a rest everything that was due meanwhile happens first, and what the caches held has grown old. */
const settleMs = 20_000;
const seconds = Number(flags.seconds);
const goal = 0.05;

/** `receive`: its next message. @throws Error when it ends instead */
type Side = { variant: string; child: ChildProcess; pid: number; receive: () => Promise<unknown>; seen: Observation[] };

const sides: Side[] = [];
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, leave);
try {
  for (const [index, variant] of parseVariants(flags.variants, sideVariants).entries()) {
    const side = await startSide(variant, index);
    sides.push(side);
    await sleep(Number(flags.warm) * 1_000);
    pause(side.pid);
  }
  for (let turn = 1; turn <= Number(flags.turns); turn += 1) {
    // There and back: whoever is first in one turn is last in the next.
    for (const side of turn % 2 === 1 ? sides : sides.toReversed()) await takeTurn(side, turn);
    say(`${writeReport('telemetry', { seconds, turn, goal, ...conclude(sides) })}`);
  }
  say(JSON.stringify({ ...conclude(sides), variants: undefined }, null, 2));
} finally {
  for (const { pid } of sides) goOn(pid);
  await Promise.all(sides.map(stopSide));
}

async function startSide(variant: string, index: number): Promise<Side> {
  const child = fork(path.join(import.meta.dirname, 'side.ts'), [variant], {
    env: {
      ...(readEnvironment() as NodeJS.ProcessEnv),
      BELLWETHER_DATA_DIR: path.join(readCliEnv().dataDir, `bench-telemetry-${index}`),
      BELLWETHER_PORT_OFFSET: String(2_000 * index),
    },
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${variant} ended by itself`)));
  // It may end between two messages, when nobody waits for one.
  ended.catch(() => undefined);
  const receive = async (): Promise<unknown> => {
    const abort = new AbortController();
    try {
      return (await Promise.race([once(child, 'message', { signal: abort.signal }), ended]))[0];
    } finally {
      abort.abort();
    }
  };
  if ((await receive()) !== 'ready' || child.pid === undefined) throw new Error(`${variant} did not start`);
  return { variant, child, pid: child.pid, receive, seen: [] };
}

async function takeTurn({ variant, child, pid, receive, seen }: Side, turn: number): Promise<void> {
  goOn(pid);
  await sleep(settleMs);
  child.send({ observeSeconds: seconds } satisfies Order);
  const observation = (await receive()) as Observation;
  pause(pid);
  seen.push(observation);
  const { requestsPerSecond, p50Ms, p95Ms, failedShare, coresBusy } = summarise([observation]);
  say(
    `${turn}  ${variant.padEnd(13)} ${requestsPerSecond.toFixed(1)}/s  p50 ${p50Ms} ms  p95 ${p95Ms} ms  failed ${(100 * failedShare).toFixed(2)} %  ${coresBusy} cores`,
  );
}

async function stopSide({ child }: Side): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.send('end' satisfies Order);
  await ended;
}

/** The sides end when nobody tells them anything any more; one that is stopped would not notice. */
function leave(): void {
  for (const { pid } of sides) goOn(pid);
  process.exit(130);
}

/** Each variant against the last, over all turns together, and how far single pairs of turns lie apart. */
function conclude(all: readonly Side[]): Record<string, unknown> {
  const base = all.at(-1);
  if (base === undefined || base.seen.length === 0) return {};
  const rounds = Math.min(...all.map(({ seen }) => seen.length));
  const p95 = (step: Step): number => step.p95Ms;
  const costs = all.slice(0, -1).map(({ variant, seen }) => {
    const [one, other] = [summarise(seen), summarise(base.seen)];
    const pairs = Array.from({ length: rounds }, (_, n) => [seen.slice(n, n + 1), base.seen.slice(n, n + 1)] as const);
    const perPair = pairs.map(([ours, theirs]) => compareLatencies(summarise(ours), summarise(theirs)));
    return {
      ...{
        variant,
        against: base.variant,
        ofP95: compareOne(one, other, p95),
        ofCpu: compareOne(one, other, shopCores),
      },
      ...{ ofLatency: compareLatencies(one, other), ofLatencyPerPair: perPair },
    };
  });
  return { costs, variants: Object.fromEntries(all.map(({ variant, seen }) => [variant, summarise(seen)])) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
