import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { type Cluster, startCluster } from './cluster.ts';
import { findFreePort } from './free-port.ts';
import type { TestPostgres } from './test-postgres.ts';

export type TestReplica = {
  url: (database: string, role?: string) => string;
  /** What arrives is kept and not shown. */
  pauseReplay: () => Promise<void>;
  resumeReplay: () => Promise<void>;
  /** Stops it in the middle of whatever it does (SIGSTOP): connections stay, nothing is answered. */
  hang: () => void;
  resume: () => void;
  /** Ends it and its connections at once. */
  kill: () => Promise<void>;
  /** Starts it again after `kill`; it catches up. */
  restart: () => Promise<void>;
  /** It stops following and takes writes of its own. */
  promote: () => Promise<void>;
  stop: () => Promise<void>;
};

/** A streaming replica of a test's PostgreSQL, which is restarted for a copy of its files. */
export async function startTestReplica(primary: TestPostgres): Promise<TestReplica> {
  const { password } = primary;
  const host = '127.0.0.1';
  const port = await findFreePort(host);
  const dataDir = `${primary.dataDir}-replica`;
  await primary.restart(() => void execFileSync('cp', ['-a', primary.dataDir, dataDir]));
  writeFileSync(path.join(dataDir, 'standby.signal'), '');
  const conninfo = `host=${host} port=${primary.port} user=postgres password=${password} application_name=replica`;
  appendFileSync(path.join(dataDir, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  const start = () => startCluster({ dataDir, host, port, password, durable: false, onLog: () => {} });
  let cluster = await start();
  const abandon = (): void => signal(cluster, 'SIGQUIT');
  process.once('exit', abandon);
  const url = (database: string, role = database): string =>
    `postgres://${role}:${password}@${host}:${port}/${database}`;
  const ask = async (statement: string): Promise<Record<string, unknown> | undefined> => {
    const client = new Client({ connectionString: url('postgres') });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(statement).finally(() => client.end());
    return rows[0];
  };
  return {
    url,
    pauseReplay: async () => {
      await ask('SELECT pg_wal_replay_pause()');
      // That was a request.
      while ((await ask('SELECT pg_get_wal_replay_pause_state() AS state'))?.state !== 'paused') {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    resumeReplay: async () => void (await ask('SELECT pg_wal_replay_resume()')),
    hang: () => signalAll(cluster, 'SIGSTOP'),
    resume: () => signalAll(cluster, 'SIGCONT'),
    kill: async () => {
      signal(cluster, 'SIGQUIT');
      await cluster.exited;
    },
    restart: async () => {
      cluster = await start();
    },
    promote: async () => void (await ask('SELECT pg_promote()')),
    stop: async () => {
      process.off('exit', abandon);
      signal(cluster, 'SIGQUIT');
      await cluster.exited;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function signal({ pid }: Cluster, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

/** The postmaster and its backends: each answers on its own connection. */
function signalAll(cluster: Cluster, name: NodeJS.Signals): void {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(cluster.pid)], { encoding: 'utf8' });
  for (const pid of [cluster.pid, ...children.trim().split(/\s+/).map(Number)]) process.kill(pid, name);
}
