import { type Generated, type QueryExecutorProvider, sql } from 'kysely';
import type { Logger } from '#process/logger';
import type { Migration } from './database.ts';
import { repeat } from './repeat.ts';

/** The table that a service which consumes events adds to its own. */
export type InboxTables = { inbox: { consumer: string; event_id: string; seen_at: Generated<Date> } };

export const inboxMigration: Migration = {
  up: async (db) => {
    await db.schema
      .createTable('inbox')
      .addColumn('consumer', 'text', (column) => column.notNull())
      .addColumn('event_id', 'uuid', (column) => column.notNull())
      .addColumn('seen_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
      .addPrimaryKeyConstraint('inbox_pkey', ['consumer', 'event_id'])
      .execute();
  },
};

/**
 * Notes in the transaction of an event's effect that the event was dealt with.
 * @returns false when it was dealt with before: the effect is there already
 */
export async function markSeen(trx: QueryExecutorProvider, consumer: string, eventId: string): Promise<boolean> {
  const result = await sql`
    insert into inbox (consumer, event_id) values (${consumer}, ${eventId}::uuid)
    on conflict do nothing returning event_id`.execute(trx);
  return result.rows.length === 1;
}

/** Longer than any event is redelivered: after that the bus has given it up. */
const keptForMs = 7 * 24 * 3_600_000;
const sweepMs = 3_600_000;

/**
 * Forgets, once an hour, the events that cannot come again.
 * @returns how to stop
 */
export function startInboxSweep(db: QueryExecutorProvider, logger: Logger): () => Promise<void> {
  const sweep = () => sql`delete from inbox where seen_at < ${new Date(Date.now() - keptForMs)}`.execute(db);
  return repeat(sweep, { intervalMs: sweepMs, logger, name: 'forgetting old events' }).stop;
}
