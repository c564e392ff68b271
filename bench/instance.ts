import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readCliEnv } from '#cli/env';
import { type Instance, readInstance } from '#cli/instance';
import type { LoadChange } from '#cli/load';
import { readEnvironment } from '#cli/up/env';

const statusSchema = z.object({
  ready: z.boolean(),
  processes: z.array(z.object({ name: z.string(), state: z.string(), pid: z.number().nullable() })),
});

const secretsSchema = z.object({ rolePasswords: z.record(z.string(), z.string()), chaosToken: z.string() });

export type Bench = {
  instance: Instance;
  chaosToken: string;
  databaseUrl: (database: string) => string;
  /** Ends the instance if this benchmark has started it. */
  stop: () => Promise<void>;
};

/**
 * The instance that runs in this clone, or one that is started for the benchmark.
 * @param variables environment of the one that is started
 * @param options `own`: one that runs already will not do
 * @throws Error when one runs that will not do
 */
export async function openInstance(variables: Record<string, string> = {}, options = { own: false }): Promise<Bench> {
  const { root, dataDir } = readCliEnv();
  if (options.own && isRunning())
    throw new Error('stop the instance that runs in this clone: each variant has its own');
  const own = isRunning() ? null : startOwn(root, variables);
  const stop = async (): Promise<void> => {
    if (own === null) return;
    const ended = once(own, 'exit');
    own.kill('SIGTERM');
    await ended;
  };
  try {
    // Building both sites for the first time is a part of it.
    await waitUntil(isReady, 600_000, 'the instance is not ready within ten minutes');
  } catch (error) {
    await stop();
    throw error;
  }
  const instance = readInstance();
  const secrets = secretsSchema.parse(JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8')));
  return {
    instance,
    chaosToken: secrets.chaosToken,
    databaseUrl: (database) =>
      `postgres://${database}:${secrets.rolePasswords[database]}@127.0.0.1:${instance.ports.postgres}/${database}`,
    stop,
  };
}

function startOwn(root: string, variables: Record<string, string>): ChildProcess {
  process.stderr.write('starting an instance of its own\n');
  return spawn(process.execPath, ['cli/bootstrap.mjs', 'up'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...readEnvironment(), ...variables } as NodeJS.ProcessEnv,
  });
}

/** Whether a supervisor lives in this clone; on a busy machine its answer may take longer than anybody waits. */
function isRunning(): boolean {
  try {
    return process.kill(readInstance().pid, 0);
  } catch {
    return false;
  }
}

async function readStatus(): Promise<z.infer<typeof statusSchema> | null> {
  try {
    const response = await fetch(`${readInstance().supervisorUrl}/status`, { signal: AbortSignal.timeout(15_000) });
    return statusSchema.parse(await response.json());
  } catch {
    return null;
  }
}

/** The process ids of all that runs, by name. */
export async function readPids(): Promise<Map<string, number>> {
  const processes = (await readStatus())?.processes ?? [];
  return new Map(processes.flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid]])));
}

/** Whether every process is ready. */
export async function isReady(): Promise<boolean> {
  return (await readStatus())?.ready ?? false;
}

/** Tells the instance's shoppers how many of them come. @throws Error when they do not answer within half a minute */
export async function setLoad(change: LoadChange): Promise<void> {
  await waitUntil(
    () =>
      fetch(`${readInstance().shoppersUrl}/load`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(change),
      }).then(
        ({ ok }) => ok,
        () => false,
      ),
    30_000,
    'the shoppers do not answer',
  );
}

/** Polls every 100 ms. @throws Error with `message` when it takes longer than `limitMs` */
export async function waitUntil(condition: () => Promise<boolean>, limitMs: number, message: string): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(message);
    await sleep(100);
  }
}

/**
 * `kill -9` of one process (for PostgreSQL: of the postmaster itself), then waits until it and everything else is ready.
 * @returns seconds until then
 */
export async function killAndWait(name: string): Promise<number> {
  const wrapper = await findPid(name);
  const pid = name === 'postgres' ? readPostmaster() : wrapper;
  const startedAt = performance.now();
  process.kill(pid, 'SIGKILL');
  const isBack = async (): Promise<boolean> => {
    const status = await readStatus();
    const current = status?.processes.find((entry) => entry.name === name)?.pid ?? wrapper;
    return status?.ready === true && current !== wrapper;
  };
  await waitUntil(isBack, 300_000, `${name} did not come back within five minutes`);
  return (performance.now() - startedAt) / 1000;
}

/** @throws Error when it does not run, or nobody says so within two minutes, as on a machine with too much to do */
async function findPid(name: string): Promise<number> {
  let pids = await readPids();
  await waitUntil(
    async () => {
      if (pids.size === 0) pids = await readPids();
      return pids.size > 0;
    },
    120_000,
    'the supervisor does not say what runs',
  );
  const pid = pids.get(name);
  if (pid === undefined) throw new Error(`${name} is not running`);
  return pid;
}

function readPostmaster(): number {
  const [pid] = readFileSync(path.join(readCliEnv().dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}
