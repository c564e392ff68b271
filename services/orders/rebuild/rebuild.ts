import { type Kysely, sql } from 'kysely';
import type { Logger } from '#process/logger';
import { DomainError } from '#services/kit/problem';
import { repeat } from '#services/kit/repeat';
import type { Rebuild } from '../contract.ts';
import { CorruptOrderError } from '../order.ts';
import type { OrdersDatabase } from '../schema.ts';
import { fillNext, putNextTable, removeNextTable, switchTables } from './next-table.ts';

type Db = Kysely<OrdersDatabase>;

/** Held on the connection by which the new table is filled: with one the other is lost too. */
const rebuildLock = 7_302;

export type Rebuilds = {
  /** Begins what was asked for now. */
  wake: () => void;
  /** Leaves what is under way to whoever comes next, who begins it anew. */
  stop: () => Promise<void>;
};

export type RebuildOptions = { db: Db; logger: Logger; now: () => Date; intervalMs?: number; batchSize?: number };

/**
 * Asks for the projection to be made anew from all logs.
 * @throws DomainError 409 `rebuild_running`
 */
export async function requestRebuild(db: Db, { by, now }: { by: string; now: Date }): Promise<Rebuild> {
  const asked = {
    requested_by: by,
    state: 'running',
    orders: 0,
    reason: null,
    started_at: now,
    ended_at: null,
  } as const;
  const row = await db
    .insertInto('projection_rebuilds')
    .values(asked)
    .onConflict((conflict) => conflict.column('state').where('state', '=', sql.lit('running')).doNothing())
    .returning('rebuild_id')
    .executeTakeFirst();
  const rebuild = await readRebuild(db);
  if (row === undefined || rebuild === undefined) {
    throw new DomainError('rebuild_running', 409, 'One is under way, and goes on by itself.');
  }
  return rebuild;
}

/** How the last one stands; undefined when there was none. */
export async function readRebuild(db: Db): Promise<Rebuild | undefined> {
  const rows = db.selectFrom('projection_rebuilds').selectAll().orderBy('rebuild_id', 'desc').limit(1);
  const row = await rows.executeTakeFirst();
  if (row === undefined) return undefined;
  const { state, requested_by: by, orders, reason, started_at: startedAt, ended_at: endedAt } = row;
  return { state, by, orders, reason, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null };
}

/**
 * Makes the projection anew whenever it is asked for, one at a time whatever number of processes there is. One that was
 * abandoned (its process was killed, its connection lost) is begun anew: who knows by which code its half was made.
 */
export function startRebuilds(options: RebuildOptions): Rebuilds {
  const { db, logger, intervalMs = 5_000 } = options;
  const stopping = new AbortController();
  const looking = repeat(() => look(options, stopping.signal), {
    intervalMs,
    logger,
    name: 'making the projection anew',
  });
  return {
    wake: looking.wake,
    stop: () => {
      stopping.abort();
      return looking.stop();
    },
  };

  async function look(all: RebuildOptions, signal: AbortSignal): Promise<void> {
    if ((await findRunning(db)) === undefined) return;
    await db.connection().execute(async (held) => {
      if (!(await lock(held))) return;
      try {
        const id = await findRunning(held);
        if (id !== undefined) await rebuild({ ...all, db: held }, id, signal);
      } finally {
        // A connection that is gone has taken the lock along.
        await sql`SELECT pg_advisory_unlock(${rebuildLock})`.execute(held).catch(() => undefined);
      }
    });
  }
}

async function rebuild(options: RebuildOptions, id: string, signal: AbortSignal): Promise<void> {
  const { db, logger, now, batchSize = 200 } = options;
  try {
    await putNextTable(db);
    let after: string | null = null;
    for (let orders = 0; ; ) {
      if (signal.aborted) return;
      const filled = await fillNext(db, { after, batchSize });
      if (filled === undefined) break;
      after = filled.last;
      orders += filled.count;
      await note(db, id, { orders });
    }
    await switchTables(db);
    await note(db, id, { state: 'done', ended_at: now() });
    logger.info('the projection was made anew');
  } catch (error) {
    logger.error({ err: error }, 'the projection could not be made anew');
    const reason = error instanceof CorruptOrderError ? error.message : 'see the log of orders';
    await removeNextTable(db);
    await note(db, id, { state: 'failed', reason, ended_at: now() });
  }
}

async function lock(db: Db): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`SELECT pg_try_advisory_lock(${rebuildLock}) AS locked`.execute(db);
  return rows[0]?.locked === true;
}

async function findRunning(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom('projection_rebuilds')
    .select('rebuild_id')
    .where('state', '=', 'running')
    .executeTakeFirst();
  return row?.rebuild_id;
}

type Progress = Partial<Pick<Rebuild, 'state' | 'orders' | 'reason'>> & { ended_at?: Date };

async function note(db: Db, id: string, progress: Progress): Promise<void> {
  await db.updateTable('projection_rebuilds').set(progress).where('rebuild_id', '=', id).execute();
}
