import { randomUUID } from 'node:crypto';
import { context, propagation } from '@opentelemetry/api';
import { type ColumnType, type Generated, type QueryExecutorProvider, sql } from 'kysely';
import type { CloudEvent } from './cloud-event.ts';
import type { Migration } from './database.ts';

/** The table that a service with events adds to its own. */
export type OutboxTables = {
  outbox: {
    seq: Generated<string>;
    id: string;
    event: ColumnType<CloudEvent, string, never>;
  };
};

export const outboxMigration: Migration = {
  up: async (db) => {
    await db.schema
      .createTable('outbox')
      .addColumn('seq', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
      .addColumn('id', 'uuid', (column) => column.notNull().unique())
      .addColumn('event', 'jsonb', (column) => column.notNull())
      .execute();
  },
};

export type NewEvent = {
  /** Default: random. Give one to make a repeated append harmless. */
  id?: string;
  /** The service's name. */
  service: string;
  type: string;
  /** What it is about: the id of the aggregate. */
  subject: string;
  timeMs: number;
  data: Record<string, unknown>;
};

/**
 * Appends an event in the transaction of the change that it tells of: both are there or neither. The trace that is
 * active now goes on in whoever consumes the event. An event whose id is waiting already is not appended again.
 */
export async function appendEvent(trx: QueryExecutorProvider, event: NewEvent): Promise<void> {
  await appendEvents(trx, [event]);
}

/** Like `appendEvent`, for many in one statement. */
export async function appendEvents(trx: QueryExecutorProvider, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  const rows = events.map((event) => {
    const cloudEvent = toCloudEvent(event, carrier.traceparent);
    return sql`(${cloudEvent.id}::uuid, ${JSON.stringify(cloudEvent)}::jsonb)`;
  });
  await sql`insert into outbox (id, event) values ${sql.join(rows)} on conflict (id) do nothing`.execute(trx);
}

function toCloudEvent(event: NewEvent, traceparent: string | undefined): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id ?? randomUUID(),
    source: `/services/${event.service}`,
    type: event.type,
    subject: event.subject,
    time: new Date(event.timeMs).toISOString(),
    datacontenttype: 'application/json',
    ...(traceparent === undefined ? {} : { traceparent }),
    data: event.data,
  };
}
