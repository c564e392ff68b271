import { type ChildProcess, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findPostgres, type PostgresPrograms, spawnPostgres } from './binaries.ts';
import { endProcess, identifyProcess } from './processes.ts';

export type ClusterOptions = {
  dataDir: string;
  host: string;
  port: number;
  /** The superuser's password, set when the cluster is made. */
  password: string;
  /** False for throw-away clusters in tests only: a power cut may lose the cluster. */
  durable: boolean;
  /** Receives each line of PostgreSQL's own log. */
  onLog: (line: string) => void;
};

export type Cluster = {
  /** The process id of the postmaster. */
  pid: number;
  /** Settles when the postmaster is gone, whoever ended it. */
  exited: Promise<void>;
  /** Disconnects everyone and shuts down with a checkpoint. */
  stop: () => Promise<void>;
};

/**
 * Makes the cluster when there is none, ends a postmaster left behind by an earlier wrapper, and starts PostgreSQL.
 * @throws Error with PostgreSQL's own words when it does not come up
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const programs = await findPostgres();
  if (!existsSync(path.join(options.dataDir, 'PG_VERSION'))) await createCluster(programs, options);
  restrictReplication(options.dataDir);
  if (await endOrphan(options.dataDir)) options.onLog('ended a postmaster that was left behind');
  // After a `kill -9` of the postmaster its backends take a moment to notice and hold the shared memory meanwhile.
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await launch(programs, options);
    if ('cluster' in outcome) return outcome.cluster;
    if (attempt === 20 || !/pre-existing shared memory|is another postmaster|lock file/.test(outcome.output)) {
      throw new Error(`PostgreSQL did not start: ${outcome.output.trim().split('\n').slice(-5).join(' | ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Renamed into place when complete, so that an interrupted initdb leaves nothing that looks like a cluster. */
async function createCluster(programs: PostgresPrograms, options: ClusterOptions): Promise<void> {
  const unfinished = `${options.dataDir}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const passwordFile = path.join(tmpdir(), `bellwether-${randomBytes(8).toString('hex')}`);
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (programs.account.kind === 'other') {
    for (const file of [unfinished, passwordFile]) chownSync(file, programs.account.uid, programs.account.gid);
  }
  try {
    const child = spawnPostgres(programs, 'initdb', [
      ...[`--pgdata=${unfinished}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale-provider=builtin', '--locale=C', '--builtin-locale=C.UTF-8'],
      ...(options.durable ? [] : ['--no-sync']),
    ]);
    const output = collect(child);
    const code = await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
    if (code !== 0) throw new Error(`initdb failed: ${output().trim().split('\n').slice(-5).join(' | ')}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  rmSync(options.dataDir, { recursive: true, force: true });
  renameSync(unfinished, options.dataDir);
}

/**
 * The attribute REPLICATION would let a service copy the whole cluster; of what initdb permits, copying is left to the
 * superuser, and a service can follow its own database only.
 */
function restrictReplication(dataDir: string): void {
  const file = path.join(dataDir, 'pg_hba.conf');
  const rules = readFileSync(file, 'utf8');
  const restricted = rules.replace(/^(\w+\s+replication\s+)all\b/gm, '$1postgres');
  if (restricted !== rules) writeFileSync(file, restricted);
}

/**
 * A wrapper that was killed leaves its postmaster running on our files and port: ends it.
 * @returns whether there was one
 */
export async function endOrphan(dataDir: string): Promise<boolean> {
  const lockFile = path.join(dataDir, 'postmaster.pid');
  if (!existsSync(lockFile)) return false;
  const [pid = '', directory = ''] = readFileSync(lockFile, 'utf8').split('\n');
  const identity = identifyProcess(Number(pid));
  // The pid may belong to a stranger by now (after a reboot): only a process that says it serves these files is ours.
  const isOurs =
    identity !== undefined && directory === dataDir && readCommandLine(identity.pid).includes(`-D ${dataDir} `);
  if (isOurs) await endProcess(identity, { signal: 'SIGINT', graceMs: 5_000 });
  rmSync(lockFile, { force: true });
  return isOurs;
}

function readCommandLine(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function serverArgs({ dataDir, host, port, durable }: ClusterOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: host,
    port: String(port),
    unix_socket_directories: '',
    max_connections: '300',
    wal_level: 'logical',
    max_replication_slots: '20',
    max_wal_senders: '20',
    // A consumer that is gone must not fill the disk with the log kept for it.
    max_slot_wal_keep_size: '1GB',
    max_wal_size: '512MB',
    shared_buffers: '96MB',
    // Parallel queries, compiled queries and I/O workers cost a small machine more than they bring.
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    io_method: 'sync',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  return ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function launch(
  programs: PostgresPrograms,
  options: ClusterOptions,
): Promise<{ cluster: Cluster } | { output: string }> {
  const child = spawnPostgres(programs, 'postgres', serverArgs(options));
  const output = collect(child);
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const ready = new Promise<boolean>((resolve) => {
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      options.onLog(line);
      if (/database system is ready to accept (read-only )?connections/.test(line)) resolve(true);
    });
  });
  const isUp = await Promise.race([ready, exited.then(() => false)]);
  if (!isUp || child.pid === undefined) return { output: output() };
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    await exited;
  };
  return { cluster: { pid: child.pid, exited, stop } };
}

/** Keeps the last few kilobytes that a child printed, for the message when it fails. */
function collect(child: ChildProcess): () => string {
  let output = '';
  const add = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-4_096);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  child.once('error', (error) => add(Buffer.from(error.message)));
  return () => output;
}
