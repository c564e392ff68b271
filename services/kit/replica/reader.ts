import { metrics } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Logger } from '#process/logger';
import { createDatabase } from '../database.ts';
import { DomainError } from '../problem.ts';
import { notePosition, wantedPosition } from './carried.ts';
import { type Position, unknownPosition } from './position.ts';
import { readPrimary, type Watch, watchReplica } from './watch.ts';

export type Reader<Tables> = {
  /**
   * Runs a read on the replica, or on the primary when the replica is too far behind, away, or has not replayed what has to
   * be shown: the writes under the key, and those that the request was told of. What fails on the replica is tried on the
   * primary: only reads, therefore.
   */
  read: <Result>(work: (db: Kysely<Tables>) => Promise<Result>, key?: string) => Promise<Result>;
  /**
   * Call it after a commit: reads under the key show it from now on in this process, and in others those of whoever sends
   * the answer's header back.
   */
  wrote: (key: string) => Promise<void>;
  /** Whether the request that is being answered has to be shown a write: caches may not know of it. */
  isAsked: () => boolean;
  stop: () => Promise<void>;
};

export type ReaderOptions<Tables> = {
  /** The primary. */
  db: Kysely<Tables>;
  /** Without it all is read from the primary. */
  replicaUrl?: string | undefined;
  /** A replica that is further behind is not read from. */
  maxLagMs: number;
  /** Of the service whose database it is. */
  name: string;
  logger: Logger;
  /** A clock for durations. */
  now?: () => number;
  /** Between two looks at the servers. Default 250. */
  intervalMs?: number;
};

const meter = metrics.getMeter('bellwether/replica');
const reads = meter.createCounter('db.reads', { description: 'Reads, by the server that answered and why that one.' });
const lagGauge = meter.createObservableGauge('db.replica.lag', {
  description: 'How old what the replica shows is; missing while it is away.',
  unit: 's',
});

/** Longer than a replica may be behind and be read from, by far. */
const remembered = { max: 10_000, ttl: 60_000 };

export function createReader<Tables>(options: ReaderOptions<Tables>): Reader<Tables> {
  const { db, replicaUrl, maxLagMs, name, logger, now = () => performance.now(), intervalMs = 250 } = options;
  if (replicaUrl === undefined) return readPrimaryOnly(db);
  const replica = createDatabase<Tables>({
    ...{ url: replicaUrl, name: `${name}-reads`, logger },
    ...{ connectTimeoutMs: 1_000, queryTimeoutMs: 2_000 },
  });
  const watch = watchReplica({
    ...{ primary: db, replica, now, intervalMs },
    onChange: (kind, error) => {
      if (kind === 'following') logger.info('reads go to the replica');
      else logger.warn({ err: error }, 'reads go to the primary: the replica is away');
    },
  });
  const stopObserving = observeLag(watch);
  const written = createWritten();
  return {
    read: async (work, key) => {
      const noted = key === undefined ? 0n : written.of(key);
      const reason = whyPrimary(watch, { maxLagMs, positions: [noted, wantedPosition(name)] });
      if (reason === null) {
        try {
          const result = await work(replica);
          reads.add(1, { target: 'replica', reason: 'following' });
          return result;
        } catch (error) {
          if (!isServersFault(error)) throw error;
          watch.suspect();
        }
      }
      reads.add(1, { target: 'primary', reason: reason ?? 'failed' });
      return work(db);
    },
    wrote: async (key) => {
      const note = written.begin(key);
      const position = (await readPrimary(db).catch(() => null)) ?? unknownPosition;
      note(position);
      notePosition(name, position);
    },
    isAsked: () => wantedPosition(name) > 0n,
    stop: async () => {
      stopObserving();
      await watch.stop();
      await replica.destroy();
    },
  };
}

/** For a service without a replica. */
export function readPrimaryOnly<Tables>(db: Kysely<Tables>): Reader<Tables> {
  return { read: (work) => work(db), wrote: async () => {}, isAsked: () => false, stop: async () => {} };
}

/** Where the latest write under each key is; later than any place while that is not known. */
function createWritten(): { of: (key: string) => Position; begin: (key: string) => (position: Position) => void } {
  const entries = new LRUCache<string, { position: Position; open: number; lostTurn: number }>(remembered);
  let turns = 0;
  return {
    of: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return 0n;
      return entry.open > 0 ? unknownPosition : entry.position;
    },
    begin: (key) => {
      const entry = entries.get(key) ?? { position: 0n, open: 0, lostTurn: 0 };
      turns += 1;
      const turn = turns;
      entry.open += 1;
      entries.set(key, entry);
      return (position) => {
        entry.open -= 1;
        if (position === unknownPosition) entry.lostTurn = turn;
        // A place that was asked for after a write lies behind it, also where that one's own was not to be had.
        const isLater = entry.position === unknownPosition ? turn > entry.lostTurn : position > entry.position;
        if (isLater || position === unknownPosition) entry.position = position;
      };
    },
  };
}

type Reason = 'away' | 'lagging' | 'own_writes';

/** Null: the replica will do. */
function whyPrimary(watch: Watch, wanted: { maxLagMs: number; positions: Position[] }): Reason | null {
  const state = watch.state();
  if (state.kind === 'away') return 'away';
  if (state.lagMs > wanted.maxLagMs) return 'lagging';
  return wanted.positions.some((position) => position > state.replayed) ? 'own_writes' : null;
}

/** Errors of what was asked for (`DomainError`) say nothing about the server. */
function isServersFault(error: unknown): boolean {
  return !(error instanceof DomainError);
}

function observeLag(watch: Watch): () => void {
  const observe: Parameters<typeof lagGauge.addCallback>[0] = (result) => {
    const state = watch.state();
    if (state.kind === 'following') result.observe(state.lagMs / 1_000);
  };
  lagGauge.addCallback(observe);
  return () => lagGauge.removeCallback(observe);
}
