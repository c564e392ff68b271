import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import { findFreePort } from '#cli/embedded/free-port';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { applyMigrations } from '#prisma/apply';
import { createPrismaClient, type PrismaClient } from '#prisma/client';
import { registerFaultAgent } from '#services/kit/fault-agent';
import { serviceNames } from '#services/topology';

const token = 'a-token-of-the-tests-only';

export type TestChaos = {
  postgres: TestPostgres;
  /** The control database as its owner. */
  owner: PrismaClient;
  /** Stands for every service: `GET /things`, and the shoppers' `PUT /load`. */
  shopUrl: string;
  /** What the shoppers were told. */
  load: object[];
  /** Starts the real chaos process and waits until it is ready. */
  startController: () => Promise<ChildProcess>;
  stopControllers: () => Promise<void>;
  stop: () => Promise<void>;
};

/** The chaos process with a real database and a real service with its fault agent, for one test file. */
export async function startTestChaos(): Promise<TestChaos> {
  const postgres = await startTestPostgres({ databases: ['bellwether'] });
  await applyMigrations({ databaseUrl: postgres.url('bellwether') });
  const owner = createPrismaClient({ databaseUrl: postgres.url('bellwether') });
  const load: object[] = [];
  const shop = fastify();
  registerFaultAgent(shop, { enabled: true, token });
  shop.get('/things', async () => 'fine');
  shop.put('/load', async (request) => {
    load.push(request.body as object);
    return {};
  });
  const shopUrl = await shop.listen({ host: '127.0.0.1', port: 0 });
  const controllers: ChildProcess[] = [];
  const stopControllers = async (): Promise<void> => {
    await Promise.all(controllers.splice(0).map((controller) => endProcess(controller, 'SIGTERM')));
  };
  return {
    postgres,
    owner,
    shopUrl,
    load,
    startController: async () => {
      const port = await findFreePort();
      const controller = spawnController({ port, shopUrl, databaseUrl: postgres.url('bellwether', 'chaos') });
      controllers.push(controller);
      await until(() => isReady(port));
      return controller;
    },
    stopControllers,
    stop: async () => {
      await stopControllers();
      await shop.close();
      await owner.$disconnect();
      await postgres.stop();
    },
  };
}

function spawnController(options: { port: number; shopUrl: string; databaseUrl: string }): ChildProcess {
  const urls = Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, options.shopUrl]));
  return spawn(process.execPath, [`${import.meta.dirname}/main.ts`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      NODE_ENV: 'test',
      ...urls,
      CHAOS_PORT: String(options.port),
      CHAOS_ENABLED: 'true',
      CHAOS_TOKEN: token,
      DATABASE_URL: options.databaseUrl,
      SUPERVISOR_URL: 'http://127.0.0.1:1',
      SHOPPERS_URL: options.shopUrl,
    },
  });
}

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

/** Sends a signal and waits for the end. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** Polls until it is so; the test's own time-out ends a wait in vain. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

/** Leaves a fault row as the alerts process would once a receiver has accepted the page. */
export function insertPage(owner: PrismaClient, service: string, sloId: string): Promise<{ id: string }> {
  const now = new Date();
  const moments = { onsetAt: now, firstBadAt: now, storedAt: now, firingAt: now, sentAt: now, acceptedAt: now };
  const data = { state: 'firing', service, sloId, summary: `${service} fails.`, impact: {}, evidence: {}, ...moments };
  return owner.fault.create({ data, select: { id: true } });
}
