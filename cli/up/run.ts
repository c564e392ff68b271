import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';
import { listen } from '#process/health';
import { readCliEnv } from '../env.ts';
import { type Instance, instanceFile, readInstance } from '../instance.ts';
import { exitOnSignal } from '../interrupt.ts';
import { prepare } from '../prepare.ts';
import { bindHost, type PlanOptions } from './context.ts';
import { createControlServer } from './control.ts';
import { readEnvironment, readSettings, type Settings } from './env.ts';
import { flagsFileName } from './optional-env.ts';
import { describeEvent, formatStatus } from './output.ts';
import { createPlan, describeInstance, sitesOf } from './plan.ts';
import { findTakenPorts } from './ports.ts';
import { endLeftovers, forgetPids, recordPids, takeLock } from './records.ts';
import { loadSecrets } from './secrets.ts';
import { keepStandingBack } from './stand-back.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/**
 * `npm start` and `npm run dev`: prepares, starts everything, and stays until told to stop.
 * @returns the exit code
 * @throws ConfigError for bad variables; Error when something is in the way
 */
export async function run(mode: 'start' | 'dev'): Promise<number> {
  const settings = readSettings();
  const { root, dataDir } = readCliEnv();
  mkdirSync(dataDir, { recursive: true });
  // PostgreSQL runs as another user where this one is root, and has to get through.
  chmodSync(dataDir, 0o755);
  const lock = takeLock(dataDir);
  if ('held' in lock) throw new Error(describeRunning(dataDir, lock.held));
  process.once('exit', lock.release);
  try {
    const leaveSignals = exitOnSignal();
    seedFlags(root, dataDir);
    await prepare(root, { build: mode === 'start' ? sitesOf(settings) : [], print });
    await clearTheWay(settings, dataDir);
    leaveSignals();
    return await supervise({ settings, dataDir, mode, secrets: loadSecrets(dataDir) }, root);
  } finally {
    lock.release();
  }
}

/** The flags as the shop comes with them, for people to change. */
function seedFlags(root: string, dataDir: string): void {
  const file = path.join(dataDir, flagsFileName);
  if (!existsSync(file)) copyFileSync(path.join(root, 'services/flags.json'), file);
}

function describeRunning(dataDir: string, pid: number): string {
  let where = 'it is still starting';
  try {
    where = `its console is at ${readInstance(dataDir).consoleUrl}`;
  } catch {
    // Prepares or builds: nothing can be reached yet.
  }
  return (
    `Bellwether is already running in this directory (process ${pid}; ${where}).\n` +
    `Stop it with Ctrl-C in its terminal or kill ${pid}. A second clone runs beside it with BELLWETHER_PORT_OFFSET.`
  );
}

async function clearTheWay(settings: Settings, dataDir: string): Promise<void> {
  const leftovers = await endLeftovers(dataDir);
  if (leftovers > 0) print(`ended ${leftovers} process(es) that an earlier run had left behind`);
  const { clickhouse, ...others } = settings.ports;
  const ports = settings.CLICKHOUSE_URL === undefined ? { clickhouse, ...others } : others;
  const taken = await findTakenPorts(ports, (name) => bindHost(name, settings));
  if (taken.length > 0) throw new Error(`${taken.join('\n')}\nBELLWETHER_PORT_OFFSET=100 moves all of them.`);
}

async function supervise(options: PlanOptions, root: string): Promise<number> {
  const { settings, dataDir, secrets } = options;
  const startedAtMs = performance.now();
  const say = (text: string): void => {
    print(`${((performance.now() - startedAtMs) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
  };
  let isStopping = false;
  const plan = createPlan(options);
  const supervisor = createSupervisor(plan, {
    cwd: root,
    logsDir: `${dataDir}/logs`,
    env: readEnvironment(),
    random: Math.random,
    nowMs: Date.now,
    onPids: (pids) => recordPids(dataDir, pids),
    onEvent: (event) => isStopping || say(describeEvent(event)),
  });
  const instance = describeInstance({ ...options, pid: process.pid, startedAt: new Date().toISOString() });
  const control = createControlServer(supervisor, {
    token: instance.supervisorToken,
    chaosToken: settings.CHAOS_ENABLED ? secrets.chaosToken : null,
  });
  await listen(control, { host: '127.0.0.1', port: settings.ports.supervisor, variable: 'SUPERVISOR_PORT' });
  writeFileSync(instanceFile(dataDir), `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 });

  const stopStandingBack = keepStandingBack({ specs: plan, view: supervisor.view });
  const stopped = waitForSignal(supervisor, (signal) => {
    isStopping = true;
    say(`${signal}: stopping`);
  });
  const reminder = setInterval(() => isStopping || printLate(supervisor, dataDir, say), 60_000).unref();
  void supervisor.start().then(async () => {
    clearInterval(reminder);
    if (!isStopping) await printReady(instance, sitesOf(settings).includes('storefront'));
  });
  await stopped;
  stopStandingBack();
  clearInterval(reminder);
  await close(control);
  rmSync(instanceFile(dataDir), { force: true });
  forgetPids(dataDir);
  say('stopped; nothing is left running');
  return 0;
}

/** Resolves when a signal has come and everything has stopped. A second signal stops at once. */
function waitForSignal(supervisor: Supervisor, onFirst: (signal: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (isFirst) onFirst(signal);
        isFirst = false;
        void supervisor.stop().then(resolve);
      });
    }
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function printLate(supervisor: Supervisor, dataDir: string, say: (text: string) => void): void {
  const late = supervisor.view().filter(({ state }) => state !== 'ready' && state !== 'done');
  if (late.length === 0) return;
  const list = late.map(({ name, state }) => `${name} (${state})`).join(', ');
  say(`not ready yet: ${list}; their logs are in ${dataDir}/logs/`);
}

async function printReady(
  { supervisorUrl, consoleUrl, storefrontUrl }: Instance,
  hasStorefront: boolean,
): Promise<void> {
  const response = await fetch(`${supervisorUrl}/status`);
  print(`\n${formatStatus(await response.json())}\n`);
  print(`Try first:
  1. Open ${consoleUrl} and watch shoppers buy.${hasStorefront ? `\n     Buy something yourself at ${storefrontUrl}.` : ''}
  2. Break something and wait for the page:  npx bellwether drill payments-errors
  3. See what runs, and what it weighs:      npx bellwether status
Ctrl-C stops everything.`);
}
