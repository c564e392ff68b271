import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolvePorts } from '#process/addresses';
import { endWithUs } from '../interrupt.ts';
import { findTakenPorts } from '../up/ports.ts';
import { findMissing, readToolEnv } from './env.ts';
import { type Tally, tallyPlaywright, tallyVitest } from './tally.ts';

export type Stage = { name: string; run: (root: string) => Promise<Tally> };

/** Everything that `npm test` runs, in this order: the cheap ones first. */
export const stages: readonly Stage[] = [
  { name: 'types', run: (root) => runTool(root, 'tsc', ['--noEmit']) },
  {
    name: 'lint',
    run: (root) => runTool(root, 'biome', ['check', '.', '--error-on-warnings', '--max-diagnostics=50']),
  },
  { name: 'dead-code', run: (root) => runTool(root, 'knip', ['--no-progress']) },
  { name: 'unit', run: (root) => runVitest(root, 'unit') },
  { name: 'integration', run: (root) => runVitest(root, 'integration') },
  { name: 'redis', run: (root) => runOn(root, 'redis', ['redis-server']) },
  { name: 'kafka', run: (root) => runOn(root, 'kafka', ['java', 'mvn']) },
  { name: 'e2e', run: runPlaywright },
];

/** A tool that is right or wrong as a whole counts as one. */
async function runTool(root: string, tool: string, args: string[]): Promise<Tally> {
  const code = await execute(root, tool, args, {});
  return code === 0
    ? { passed: 1, failed: 0, failures: [] }
    : { passed: 0, failed: 1, failures: [`${tool} ${args.join(' ')} (exit code ${code})`] };
}

function runVitest(root: string, project: string): Promise<Tally> {
  return withReport(async (file) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await execute(root, 'vitest', ['run', '--project', project, ...reporters], {});
    return { code, tally: tallyVitest };
  });
}

/** Tests on something that does not come from npm: not run where it is missing, which nobody must take for passed. */
async function runOn(root: string, project: string, programs: string[]): Promise<Tally> {
  const { missing, required } = findMissing(programs);
  if (missing.length === 0) return runVitest(root, project);
  const reason = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not in the PATH`;
  if (required) return { passed: 0, failed: 1, failures: [`the tests on ${project} cannot run: ${reason}`] };
  return { passed: 0, failed: 0, failures: [], notRun: reason };
}

function runPlaywright(root: string): Promise<Tally> {
  return withReport(async (file) => {
    const args = ['test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json'];
    const offset = String(await findFreeOffset());
    const code = await execute(root, 'playwright', args, {
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      E2E_PORT_OFFSET: offset,
    });
    return { code, tally: tallyPlaywright };
  });
}

/** The tests run an instance of their own, beside the one that may be running here, or beside other tests. */
async function findFreeOffset(): Promise<number> {
  for (let offset = 6_000; offset <= 9_000; offset += 200) {
    const ports = resolvePorts({ BELLWETHER_PORT_OFFSET: String(offset) });
    const taken = await findTakenPorts(ports, () => '127.0.0.1');
    if (taken.length === 0) return offset;
  }
  throw new Error('no range of free ports for the end-to-end tests from BELLWETHER_PORT_OFFSET=6000 to 9000');
}

/** A runner that fails without a failed test (a crash, an unhandled error) must not pass for a success. */
async function withReport(
  run: (file: string) => Promise<{ code: number | string; tally: (report: unknown) => Tally }>,
): Promise<Tally> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bellwether-check-'));
  try {
    const file = path.join(directory, 'report.json');
    const { code, tally } = await run(file);
    const counted = readTally(file, tally);
    if (code === 0 || counted.failed > 0) return counted;
    return { ...counted, failed: 1, failures: [`the runner ended with ${code} although no test failed`] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readTally(file: string, tally: (report: unknown) => Tally): Tally {
  try {
    return tally(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return { passed: 0, failed: 1, failures: [`there is no report of the tests: ${String(error)}`] };
  }
}

function execute(root: string, tool: string, args: string[], env: Record<string, string>): Promise<number | string> {
  return new Promise((resolve) => {
    const child = spawn(path.join(root, 'node_modules/.bin', tool), args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...readToolEnv(root), ...env },
    });
    endWithUs(child);
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no exit code'));
  });
}
