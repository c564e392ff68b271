import { type Kysely, sql } from 'kysely';
import { createPause } from '../pause.ts';
import { createLag } from './lag.ts';
import { type Position, parsePosition } from './position.ts';

export type ReplicaState =
  | { kind: 'following'; replayed: Position; lagMs: number }
  /** It does not answer, or is no replica any more. */
  | { kind: 'away' };

export type Watch = {
  state: () => ReplicaState;
  /** It has failed a read: not to be asked until it has answered here. */
  suspect: () => void;
  stop: () => Promise<void>;
};

export type WatchOptions<Tables> = {
  primary: Kysely<Tables>;
  replica: Kysely<Tables>;
  onChange: (kind: ReplicaState['kind'], error?: unknown) => void;
  now: () => number;
  intervalMs: number;
};

/** Asks both servers again and again where they are. While the primary is away a replica that had all of it still has. */
export function watchReplica<Tables>(options: WatchOptions<Tables>): Watch {
  const { primary, replica, onChange, now, intervalMs } = options;
  const lag = createLag();
  let seen: { replayed: Position; atMs: number } | null = null;
  let stopping = false;
  let sampling: Promise<void> | null = null;
  const pause = createPause();
  const become = (next: typeof seen, error?: unknown): void => {
    const changed = (seen === null) !== (next === null);
    seen = next;
    if (changed && !stopping) onChange(next === null ? 'away' : 'following', error);
  };
  const sample = async (): Promise<void> => {
    const atMs = now();
    const position = await readPrimary(primary).catch(() => null);
    if (position !== null) lag.sample(position, atMs);
    sampling = null;
  };
  const look = async (): Promise<void> => {
    // A primary that hangs does not keep from looking at the replica.
    sampling ??= sample();
    try {
      become({ replayed: await readReplica(replica), atMs: now() });
    } catch (error) {
      become(null, error);
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopping) {
      await look();
      if (!stopping) await pause.wait(intervalMs);
    }
  };
  const done = loop();
  return {
    state: () => {
      // A server that hangs has not said that it is away.
      if (seen === null || now() - seen.atMs > 5 * intervalMs + 500) return { kind: 'away' };
      return { kind: 'following', replayed: seen.replayed, lagMs: lag.of(seen.replayed, now()) };
    },
    suspect: () => become(null),
    stop: async () => {
      stopping = true;
      pause.end();
      await Promise.all([done, sampling]);
    },
  };
}

/** Where the primary's log ends, what is not on its disk yet included. */
export async function readPrimary<Tables>(db: Kysely<Tables>): Promise<Position | null> {
  const { rows } = await sql<{ lsn: string }>`select pg_current_wal_insert_lsn()::text as lsn`.execute(db);
  return parsePosition(rows[0]?.lsn);
}

async function readReplica<Tables>(db: Kysely<Tables>): Promise<Position> {
  const { rows } = await sql<{ follows: boolean; lsn: string }>`
    select pg_is_in_recovery() as follows, pg_last_wal_replay_lsn()::text as lsn`.execute(db);
  const position = parsePosition(rows[0]?.lsn);
  if (rows[0]?.follows !== true || position === null) throw new Error('it is no replica');
  return position;
}
