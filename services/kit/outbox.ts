import { randomUUID } from 'node:crypto';
import { context, propagation } from '@opentelemetry/api';
import { type ColumnType, type Generated, type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import type { Logger } from '#process/logger';
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

export type Relay = {
  /** Tells it that something was appended, so that it need not wait for its next look. */
  wake: () => void;
  /** Relays what is left, then ends. Never rejects: what cannot be relayed now stays in the table. */
  stop: () => Promise<void>;
};

export type RelayOptions<Tables extends OutboxTables> = {
  db: Kysely<Tables>;
  /** Must be idempotent by event id: after a crash between publishing and deleting, events are published again. */
  publish: (events: CloudEvent[]) => Promise<void>;
  logger: Logger;
  intervalMs?: number;
  batchSize?: number;
};

/** Moves events from the outbox to the bus, oldest first, in batches, until stopped. */
export function startRelay<Tables extends OutboxTables>(options: RelayOptions<Tables>): Relay {
  const { logger, intervalMs = 500, batchSize = 200 } = options;
  let stopping = false;
  let pending = false;
  let wakeUp = (): void => {};
  const pause = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async (): Promise<void> => {
    let failures = 0;
    while (true) {
      pending = false;
      try {
        const moved = await relayBatch(options, batchSize);
        failures = 0;
        if (moved === batchSize) continue;
      } catch (error) {
        failures += 1;
        if (failures === 1) logger.warn({ err: error }, 'events wait in the outbox: the bus cannot be reached');
        if (stopping) return;
      }
      if (stopping) return;
      if (!pending) await pause(Math.min(intervalMs * 2 ** Math.min(failures, 4), 5_000));
    }
  };
  const done = loop();
  return {
    wake: () => {
      pending = true;
      wakeUp();
    },
    stop: () => {
      stopping = true;
      wakeUp();
      return done;
    },
  };
}

/** @returns how many events were moved */
async function relayBatch<Tables extends OutboxTables>(
  { db, publish }: RelayOptions<Tables>,
  batchSize: number,
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    // Skipping locked rows lets several instances relay side by side.
    const { rows } = await sql<{ seq: string; event: CloudEvent }>`
      select seq, event from outbox order by seq limit ${batchSize} for update skip locked`.execute(trx);
    if (rows.length === 0) return 0;
    await publish(rows.map(({ event }) => event));
    await sql`delete from outbox where seq = any(${rows.map(({ seq }) => seq)}::bigint[])`.execute(trx);
    return rows.length;
  });
}
