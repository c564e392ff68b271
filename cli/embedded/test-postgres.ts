import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startCluster } from './cluster.ts';
import { findFreePort } from './free-port.ts';
import { createRoles, type DatabaseSpec, databaseSpecs } from './roles.ts';

export type TestPostgres = {
  /** A connection URL; the role is the database's owner unless said otherwise. `postgres` is the superuser. */
  url: (database: string, role?: string) => string;
  port: number;
  /** The superuser's password, and that of every role. */
  password: string;
  dataDir: string;
  /** The process id of the postmaster. */
  pid: () => number;
  /**
   * Stops it in order, which disconnects everyone, and starts it again on the same files and port.
   * @param meanwhile what to do while it is down and nobody has its files open
   */
  restart: (meanwhile?: () => void | Promise<void>) => Promise<void>;
  stop: () => Promise<void>;
};

/**
 * A real PostgreSQL on a free port with files of its own, for one test file. Same settings as the demo's, without
 * the waiting for the disk.
 * @param durable waits for the disk all the same, for what is measured
 * @param databases names; each comes with its owner role (and `bellwether` with its guests). All when left out.
 */
export async function startTestPostgres({
  databases,
  durable = false,
}: {
  databases?: readonly string[];
  durable?: boolean;
} = {}): Promise<TestPostgres> {
  const parent = mkdtempSync(path.join(tmpdir(), 'bellwether-postgres-'));
  chmodSync(parent, 0o755);
  const host = '127.0.0.1';
  const password = randomBytes(12).toString('hex');
  const dataDir = path.join(parent, 'data');
  const startOn = (port: number) => startCluster({ dataDir, host, port, password, durable, onLog: () => {} });
  const { port, value } = await onFreePort(host, startOn);
  const start = () => startOn(port);
  let cluster = value;
  // A test run that ends without stopping (a thrown error, a `process.exit`) must not leave a server behind.
  const abandon = (): void => {
    process.kill(cluster.pid, 'SIGQUIT');
  };
  process.once('exit', abandon);
  const specs = databases === undefined ? databaseSpecs : databases.map(findSpec);
  const passwords = Object.fromEntries(
    specs.flatMap(({ name, guests }) => [name, ...guests].map((r) => [r, password])),
  );
  await createRoles({ host, port, password, specs, passwords });
  return {
    port,
    password,
    dataDir,
    pid: () => cluster.pid,
    url: (database, role = database) => `postgres://${role}:${password}@${host}:${port}/${database}`,
    restart: async (meanwhile) => {
      await cluster.stop();
      await meanwhile?.();
      cluster = await start();
    },
    stop: async () => {
      process.off('exit', abandon);
      await cluster.stop();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago may have been taken by another test since. */
async function onFreePort<Value>(
  host: string,
  start: (port: number) => Promise<Value>,
): Promise<{ port: number; value: Value }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort(host);
    try {
      return { port, value: await start(port) };
    } catch (error) {
      if (attempt === 3 || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

function findSpec(name: string): DatabaseSpec {
  return databaseSpecs.find((spec) => spec.name === name) ?? { name, guests: [] };
}
