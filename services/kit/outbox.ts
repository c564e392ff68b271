import { randomUUID } from 'node:crypto';
import { context, propagation } from '@opentelemetry/api';
import { type ColumnType, type Generated, type QueryExecutorProvider, sql } from 'kysely';
import type { CloudEvent } from '#process/bus/cloud-event';
import type { Migration } from './database.ts';
import { checkData, type EventContract, type EventOf, type EventSchemas } from './events/contract.ts';

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

/**
 * Appends an event in the transaction of the change that it tells of: both are there or neither. The trace that is
 * active now goes on in whoever consumes the event. An event whose id is waiting already is not appended again.
 * @throws Error for an event that is not as its contract says: the change is undone with it
 */
export async function appendEvent<Schemas extends EventSchemas>(
  trx: QueryExecutorProvider,
  contract: EventContract<Schemas>,
  event: EventOf<Schemas>,
): Promise<void> {
  await appendEvents(trx, contract, [event]);
}

/** Like `appendEvent`, for many in one statement. */
export async function appendEvents<Schemas extends EventSchemas>(
  trx: QueryExecutorProvider,
  contract: EventContract<Schemas>,
  events: readonly EventOf<Schemas>[],
): Promise<void> {
  if (events.length === 0) return;
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  const rows = events.map((event) => {
    const cloudEvent = toCloudEvent(contract, event, carrier.traceparent);
    return sql`(${cloudEvent.id}::uuid, ${JSON.stringify(cloudEvent)}::jsonb)`;
  });
  await sql`insert into outbox (id, event) values ${sql.join(rows)} on conflict (id) do nothing`.execute(trx);
}

function toCloudEvent<Schemas extends EventSchemas>(
  contract: EventContract<Schemas>,
  event: EventOf<Schemas>,
  traceparent: string | undefined,
): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id ?? randomUUID(),
    source: `/services/${contract.service}`,
    type: event.type,
    subject: event.subject,
    time: new Date(event.timeMs).toISOString(),
    datacontenttype: 'application/json',
    ...(traceparent === undefined ? {} : { traceparent }),
    data: checkData(contract, event.type, event.data),
  };
}
