import { randomUUID } from 'node:crypto';
import { SpanKind, trace } from '@opentelemetry/api';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import type { CloudEvent } from '#process/bus/cloud-event';
import type { Bus } from '#process/bus/port';
import { createPostgresBus } from '#process/bus/postgres';
import { createLogger } from '#process/logger';
import { createDatabase, migrate } from '../database.ts';
import { defineEvents, type EventOf } from '../events/contract.ts';
import { type InboxTables, inboxMigration, markSeen } from '../inbox.ts';
import { appendEvent, appendEvents, type OutboxTables, outboxMigration } from '../outbox.ts';
import { recordSpans } from '../recorded-spans.ts';
import { startRelay } from './relay.ts';

type Tables = OutboxTables & InboxTables & { effects: { event_id: string } };

const spans = recordSpans();
const logger = createLogger('test');
logger.level = 'silent';
/** Waits are for slow machines, not a measure of anything. */
const patient = { timeout: 60_000 };
const contract = defineEvents('test', {
  't.away': z.object({}),
  't.backlog': z.object({}),
  't.dropped': z.object({}),
  't.relay': z.object({}),
  't.retry': z.object({}),
  't.rollback': z.object({}),
  't.trace': z.object({}),
});
const timeMs = Date.UTC(2026, 0, 1);
let postgres: TestPostgres;
let db: Kysely<Tables>;
let bus: Bus;

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['cart', 'bus'] });
  db = createDatabase<Tables>({ url: postgres.url('cart'), name: 'test', logger });
  await migrate(db, {
    '0001_outbox': outboxMigration,
    '0002_inbox': inboxMigration,
    '0003_effects': { up: async (trx) => void (await sql`create table effects (event_id uuid)`.execute(trx)) },
  });
  bus = await createPostgresBus({ url: postgres.url('bus'), name: 'test', logger });
});

afterAll(async () => {
  await bus?.stop();
  await db?.destroy();
  await postgres?.stop();
});

type Type = keyof typeof contract.schemas;

function newEvent(type: Type): {
  id: string;
  type: Type;
  subject: string;
  timeMs: number;
  data: Record<string, never>;
} {
  return { id: randomUUID(), type, subject: 's', timeMs, data: {} };
}

async function countWaiting(): Promise<number> {
  const { count } = await db
    .selectFrom('outbox')
    .select(db.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

test('an event is there if and only if the change that it tells of is', async () => {
  const event = newEvent('t.rollback');
  const failing = db.transaction().execute(async (trx) => {
    await appendEvent(trx, contract, event);
    throw new Error('the change failed');
  });
  await expect(failing).rejects.toThrow('the change failed');
  expect(await countWaiting()).toBe(0);
  await db.transaction().execute((trx) => appendEvent(trx, contract, event));
  await appendEvent(db, contract, event);
  expect(await countWaiting()).toBe(1);
  await db.deleteFrom('outbox').execute();
});

test('a relay that dies between publishing and noting it doubles nothing', async () => {
  const events = Array.from({ length: 20 }, () => newEvent('t.relay'));
  const delivered: string[] = [];
  await bus.consume({
    queue: 'test.t.relay',
    types: ['t.relay'],
    handler: async (event) => void delivered.push(event.id),
  });
  await appendEvents(db, contract, events);
  let deaths = 0;
  const dying = async (batch: CloudEvent[]): Promise<void> => {
    await bus.publish(batch);
    deaths += 1;
    if (deaths <= 3) throw new Error('killed after publishing');
  };
  const relay = startRelay({ db, publish: dying, logger, intervalMs: 10, batchSize: 7 });
  await expect.poll(countWaiting, patient).toBe(0);
  await relay.stop();
  await expect.poll(() => delivered.length, patient).toBe(20);
  expect(new Set(delivered)).toEqual(new Set(events.map(({ id }) => id)));
  expect(deaths).toBeGreaterThan(3);
});

test('an event that is delivered again has no second effect', async () => {
  const eventId = randomUUID();
  const handle = (): Promise<void> =>
    db.transaction().execute(async (trx) => {
      if (await markSeen(trx, 'test', eventId)) await trx.insertInto('effects').values({ event_id: eventId }).execute();
    });
  await Promise.all([handle(), handle(), handle()]);
  const rows = await db.selectFrom('effects').selectAll().where('event_id', '=', eventId).execute();
  expect(rows).toHaveLength(1);
});

test('two relays side by side move each event once, and a backlog of 2,000 drains', async () => {
  const delivered: string[] = [];
  await bus.consume({
    queue: 'test.t.backlog',
    types: ['t.backlog'],
    handler: async (event) => void delivered.push(event.id),
  });
  await appendEvents(
    db,
    contract,
    Array.from({ length: 2_000 }, () => newEvent('t.backlog')),
  );
  const relays = [1, 2].map(() => startRelay({ db, publish: bus.publish, logger, intervalMs: 10 }));
  await expect.poll(() => delivered.length, patient).toBe(2_000);
  expect(new Set(delivered).size).toBe(2_000);
  await Promise.all(relays.map((relay) => relay.stop()));
  expect(await countWaiting()).toBe(0);
});

test('while the bus is away events wait, and stopping does not wait for it', async () => {
  await appendEvent(db, contract, newEvent('t.away'));
  let tries = 0;
  const away = async (): Promise<void> => {
    tries += 1;
    throw new Error('away');
  };
  const relay = startRelay({ db, publish: away, logger, intervalMs: 5 });
  await expect.poll(() => tries, patient).toBeGreaterThan(2);
  await relay.stop();
  expect(await countWaiting()).toBe(1);
  await db.deleteFrom('outbox').execute();
});

test('relay and consumers go on after the server dropped every connection', async () => {
  const delivered: string[] = [];
  await bus.consume({
    queue: 'test.t.dropped',
    types: ['t.dropped'],
    handler: async (event) => void delivered.push(event.id),
  });
  const relay = startRelay({ db, publish: bus.publish, logger, intervalMs: 10 });
  const admin = createDatabase<Record<string, never>>({ url: postgres.url('postgres'), name: 'admin', logger });
  for (let round = 1; round <= 3; round += 1) {
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and datname in ('cart', 'bus')`.execute(admin);
    await vi.waitFor(() => appendEvent(db, contract, newEvent('t.dropped')), patient);
    // A delivery whose acknowledgement was cut off is made again: at least once is what is promised.
    await expect.poll(() => new Set(delivered).size, patient).toBe(round);
  }
  await relay.stop();
  await admin.destroy();
});

describe('a consumer', () => {
  test('gets an event again until it succeeds', async () => {
    let attempts = 0;
    const event = newEvent('t.retry');
    await bus.consume({
      queue: 'test.t.retry',
      types: ['t.retry'],
      handler: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('not yet');
      },
    });
    await publishDirectly([event]);
    await expect.poll(() => attempts, patient).toBe(2);
  });

  test('continues the trace of the change, and its failure is an error span', async () => {
    spans.reset();
    const traceId = await trace.getTracer('test').startActiveSpan('change', async (span) => {
      await appendEvent(db, contract, newEvent('t.trace'));
      span.end();
      return span.spanContext().traceId;
    });
    await bus.consume({ queue: 'test.t.trace', types: ['t.trace'], handler: async () => {} });
    const relay = startRelay({ db, publish: bus.publish, logger, intervalMs: 10 });
    const consumerSpan = () => spans.getFinishedSpans().find((span) => span.kind === SpanKind.CONSUMER);
    await expect.poll(consumerSpan, patient).toBeDefined();
    expect(consumerSpan()?.spanContext().traceId).toBe(traceId);
    expect(consumerSpan()?.name).toBe('process t.trace');
    await relay.stop();
  });
});

/** Through the outbox and a relay that ends at once. */
async function publishDirectly(events: EventOf<typeof contract.schemas>[]): Promise<void> {
  await appendEvents(db, contract, events);
  await startRelay({ db, publish: bus.publish, logger }).stop();
}
