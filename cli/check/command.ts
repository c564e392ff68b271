import { parseArgs } from 'node:util';
import { type Command, UsageError } from '../command.ts';
import { readCliEnv } from '../env.ts';
import { exitOnSignal } from '../interrupt.ts';
import { prepare } from '../prepare.ts';
import { type Stage, stages } from './stages.ts';
import type { Tally } from './tally.ts';

const names = stages.map(({ name }) => name);

export const command: Command = {
  summary: 'Run every check and test (npm test)',
  help: `
Usage: npm test [-- --only <stage>[,<stage>…]]

Prepares like npm start, then runs: ${names.join(', ')}.
The last line is "N passed, N failed": each test counts, each static check counts as one, and so does a preparation
that fails. What is skipped counts as failed. The tests on Redis and Kafka need what npm does not bring (redis-server;
java and mvn): where that is missing they are not run, and the summary says so; with CI=true that is a failure.

Exit codes: 0 nothing failed, 1 something did, 2 wrong usage.`,
  run: async (args) => {
    const { values } = parseArgs({ args, options: { only: { type: 'string' } } });
    const only = values.only?.split(',') ?? names;
    const unknown = only.filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new UsageError(`no stage "${unknown.join(', ')}"; there are ${names.join(', ')}`);
    return runStages(stages.filter(({ name }) => only.includes(name)));
  },
};

async function runStages(chosen: readonly Stage[]): Promise<number> {
  const { root } = readCliEnv();
  exitOnSignal();
  const needsBuild = chosen.some(({ name }) => name === 'e2e');
  const results: { name: string; seconds: number; tally: Tally }[] = [];
  const measure = async (name: string, run: () => Promise<Tally>): Promise<Tally> => {
    const startedAtMs = performance.now();
    print(`\n── ${name}`);
    const tally = await run();
    const seconds = (performance.now() - startedAtMs) / 1_000;
    results.push({ name, seconds, tally });
    print(`── ${name}: ${sumUp(tally)} (${seconds.toFixed(1)} s)`);
    return tally;
  };
  const prepared = await measure('prepare', () => prepareForTests(root, needsBuild));
  if (prepared.failed === 0) for (const stage of chosen) await measure(stage.name, () => stage.run(root));

  print('');
  for (const { name, seconds, tally } of results) {
    print(`${name.padEnd(12)} ${seconds.toFixed(1).padStart(7)} s  ${sumUp(tally)}`);
    for (const failure of tally.failures) print(`  ✗ ${failure}`);
  }
  const passed = results.reduce((sum, { tally }) => sum + tally.passed, 0);
  const failed = results.reduce((sum, { tally }) => sum + tally.failed, 0);
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function sumUp({ passed, failed, notRun }: Tally): string {
  return notRun === undefined ? `${passed} passed, ${failed} failed` : `NOT RUN: ${notRun}`;
}

/** Counts only when it fails: nothing was checked by generating and building. */
async function prepareForTests(root: string, build: boolean): Promise<Tally> {
  try {
    await prepare(root, { build: build ? ['console', 'storefront'] : [], print });
    return { passed: 0, failed: 0, failures: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    print(message);
    return { passed: 0, failed: 1, failures: [message.split('\n')[0] ?? message] };
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
