import { Pool } from 'pg';
import type { DeadLetter } from '#process/bus/dead-letters';

/** Somebody's wish that the dead letters of a queue, or one of them, be replayed. */
export type ReplayCommand = { id: string; queue: string; letterId: string | null; author: string };

export type ReplayAnswer = { replayed: number } | { error: string };

/** What the control database knows of the bus. Whoever listens to `dead_letters` there is told of changes. */
export type LetterStore = {
  /** Makes the mirror the same as what is given. */
  replace: (letters: readonly DeadLetter[], atMs: number) => Promise<void>;
  /** The bus could not be read: the mirror is as old as it is. */
  recordFailure: (reason: string) => Promise<void>;
  /** Oldest first. */
  findWaiting: () => Promise<ReplayCommand[]>;
  answer: (id: string, answer: ReplayAnswer, atMs: number) => Promise<void>;
  close: () => Promise<void>;
};

/** Longest text of an event that is kept, characters. */
const longestEvent = 20_000;

const replaceLetters = `
  WITH given AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::text[])
      AS given(queue, id, reason, attempts, died_at, event)
  ), gone AS (
    DELETE FROM bus."DeadLetter" AS kept
    WHERE NOT EXISTS (SELECT FROM given WHERE given.queue = kept.queue AND given.id = kept.id) RETURNING 1
  ), come AS (
    INSERT INTO bus."DeadLetter" AS kept (queue, id, reason, attempts, "diedAt", event) SELECT * FROM given
    ON CONFLICT (queue, id) DO UPDATE
      SET reason = excluded.reason, attempts = excluded.attempts, "diedAt" = excluded."diedAt", event = excluded.event
      WHERE kept."diedAt" <> excluded."diedAt" RETURNING 1
  ), read AS (
    INSERT INTO bus."BusReading" (id, "readAt") VALUES (1, $7)
    ON CONFLICT (id) DO UPDATE SET "readAt" = excluded."readAt", error = NULL
  )
  SELECT pg_notify('dead_letters', '') WHERE EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM come)`;

const recordFailure = `
  INSERT INTO bus."BusReading" (id, error) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET error = excluded.error`;

const answerCommand = `
  WITH answered AS (
    UPDATE bus."ReplayCommand" SET "handledAt" = $2, replayed = $3, error = $4 WHERE id = $1
  )
  SELECT pg_notify('dead_letters', '')`;

/** Opens the collectors' part of the control database. Connects on first use. */
export function openLetterStore(databaseUrl: string): LetterStore {
  const pool = new Pool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: 5_000 });
  // An idle connection that breaks is replaced at the next query.
  pool.on('error', () => {});
  return {
    replace: async (letters, atMs) => {
      await pool.query(replaceLetters, [
        letters.map(({ queue }) => queue),
        letters.map(({ id }) => toText(id)),
        letters.map(({ reason }) => toText(reason)),
        letters.map(({ attempts }) => attempts),
        letters.map(({ at }) => at),
        letters.map(({ event }) => toText((JSON.stringify(event) ?? 'null').slice(0, longestEvent))),
        new Date(atMs),
      ]);
    },
    recordFailure: async (reason) => {
      await pool.query(recordFailure, [toText(reason)]);
    },
    findWaiting: async () => {
      const query = `SELECT id, queue, "letterId", author FROM bus."ReplayCommand" WHERE "handledAt" IS NULL ORDER BY "createdAt"`;
      return (await pool.query<ReplayCommand>(query)).rows;
    },
    answer: async (id, answer, atMs) => {
      const replayed = 'replayed' in answer ? answer.replayed : null;
      await pool.query(answerCommand, [id, new Date(atMs), replayed, 'error' in answer ? toText(answer.error) : null]);
    },
    close: () => pool.end(),
  };
}

/** PostgreSQL's text holds no NUL. */
function toText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
