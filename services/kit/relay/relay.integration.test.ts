import { randomUUID } from 'node:crypto';
import { SpanKind, trace } from '@opentelemetry/api';
import { type Kysely, sql } from 'kysely';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { createLogger } from '#process/logger';
import { type Bus, createBus } from '../bus.ts';
import type { CloudEvent } from '../cloud-event.ts';
import { createDatabase, migrate } from '../database.ts';
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
  bus = await createBus({ url: postgres.url('bus'), name: 'test', logger });
});

afterAll(async () => {
  await bus?.stop();
  await db?.destroy();
  await postgres?.stop();
});

function newEvent(type: string): {
  id: string;
  service: string;
  type: string;
  subject: string;
  timeMs: number;
  data: object;
} {
  return { id: randomUUID(), service: 'test', type, subject: 's', timeMs, data: { n: 1 } };
}

async function countWaiting(): Promise<number> {
  const { count } = await db
    .selectFrom('outbox')
    .select(db.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

test('an event is there if and only if the change that it tells of is', async () => {
  const event = { ...newEvent('t.rollback'), data: {} };
  const failing = db.transaction().execute(async (trx) => {
    await appendEvent(trx, event);
    throw new Error('the change failed');
  });
  await expect(failing).rejects.toThrow('the change failed');
  expect(await countWaiting()).toBe(0);
  await db.transaction().execute((trx) => appendEvent(trx, event));
  await appendEvent(db, event);
  expect(await countWaiting()).toBe(1);
  await db.deleteFrom('outbox').execute();
});

test('a relay that dies between publishing and noting it doubles nothing', async () => {
  const events = Array.from({ length: 20 }, () => ({ ...newEvent('t.relay'), data: {} }));
  const delivered: string[] = [];
  await bus.consume({
    queue: 'test.t.relay',
    types: ['t.relay'],
    handler: async (event) => void delivered.push(event.id),
  });
  await appendEvents(db, events);
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
    Array.from({ length: 2_000 }, () => ({ ...newEvent('t.backlog'), data: {} })),
  );
  const relays = [1, 2].map(() => startRelay({ db, publish: bus.publish, logger, intervalMs: 10 }));
  await expect.poll(() => delivered.length, patient).toBe(2_000);
  expect(new Set(delivered).size).toBe(2_000);
  await Promise.all(relays.map((relay) => relay.stop()));
  expect(await countWaiting()).toBe(0);
});

test('while the bus is away events wait, and stopping does not wait for it', async () => {
  await appendEvent(db, { ...newEvent('t.away'), data: {} });
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
    await vi.waitFor(() => appendEvent(db, { ...newEvent('t.dropped'), data: {} }), patient);
    // A delivery whose acknowledgement was cut off is made again: at least once is what is promised.
    await expect.poll(() => new Set(delivered).size, patient).toBe(round);
  }
  await relay.stop();
  await admin.destroy();
});

describe('a consumer', () => {
  test('gets an event again until it succeeds', async () => {
    let attempts = 0;
    const event = { ...newEvent('t.retry'), data: {} };
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
      await appendEvent(db, { ...newEvent('t.trace'), data: {} });
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

  test('sets aside what is no event', async () => {
    const boss = new PgBoss({ connectionString: postgres.url('bus'), schema: 'pgboss', max: 1, supervise: false });
    await boss.start();
    let handled = 0;
    const handler = async (): Promise<void> => {
      handled += 1;
    };
    await bus.consume({ queue: 'test.t.bad', types: ['t.bad'], handler });
    await boss.send('test.t.bad', { nonsense: true });
    await expect.poll(async () => (await boss.findJobs('test.t.bad.dead')).length, patient).toBe(1);
    expect(handled).toBe(0);
    await boss.stop({ graceful: false });
  });
});

/** Through the outbox and a relay that ends at once. */
async function publishDirectly(events: Parameters<typeof appendEvents>[1]): Promise<void> {
  await appendEvents(db, events);
  await startRelay({ db, publish: bus.publish, logger }).stop();
}
