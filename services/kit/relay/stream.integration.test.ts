import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import type { CloudEvent } from '#process/bus/cloud-event';
import { createLogger } from '#process/logger';
import { createDatabase, migrate } from '../database.ts';
import { defineEvents } from '../events/contract.ts';
import { appendEvent, type OutboxTables, outboxMigration } from '../outbox.ts';
import { type Relay, startRelay } from './relay.ts';

const logger = createLogger('test');
logger.level = 'silent';
/** Waits are for slow machines, not a measure of anything. */
const patient = { timeout: 60_000, interval: 20 };
const hourMs = 3_600_000;
const slot = 'outbox_test';
const contract = defineEvents('test', { 't.happened': z.object({ n: z.int() }) });
let postgres: TestPostgres;
let db: Kysely<OutboxTables>;
let admin: Kysely<Record<string, never>>;
let published: CloudEvent[];
let relays: Relay[];

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['cart', 'search'] });
  db = createDatabase<OutboxTables>({ url: postgres.url('cart'), name: 'test', logger });
  admin = createDatabase<Record<string, never>>({ url: postgres.url('postgres'), name: 'admin', logger });
  await migrate(db, { '0001_outbox': outboxMigration });
});

beforeEach(() => {
  published = [];
  relays = [];
});

afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  expect(await countWaiting()).toBe(0);
});

afterAll(async () => {
  await db?.destroy();
  await admin?.destroy();
  await postgres?.stop();
});

/** Polls once an hour unless told otherwise: what is published came by the stream, or when streaming began or ended. */
function start(options: Partial<Parameters<typeof startRelay<OutboxTables>>[0]> = {}): Relay {
  const publish = async (events: CloudEvent[]): Promise<void> => void published.push(...events);
  const stream = { url: postgres.url('cart'), slot, retryMs: 50 };
  const relay = startRelay({ db, publish, logger, stream, intervalMs: hourMs, safetyMs: hourMs, ...options });
  relays.push(relay);
  return relay;
}

async function append(subject = 's', n = 0): Promise<string> {
  const id = randomUUID();
  const event = { id, type: 't.happened' as const, subject, timeMs: Date.now(), data: { n } };
  await db.transaction().execute((trx) => appendEvent(trx, contract, event));
  return id;
}

async function countWaiting(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from outbox`.execute(db);
  return rows[0]?.count ?? -1;
}

async function countSlots(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_replication_slots`.execute(admin);
  return rows[0]?.count ?? -1;
}

const publishedIds = (): string[] => published.map(({ id }) => id);

/** Ends the server's side of the stream, and with it the slot. */
async function dropSlot(): Promise<void> {
  await sql`select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = ${slot}`.execute(admin);
}

test('what waited is published when streaming begins, what follows by the stream; a change undone never', async () => {
  const before = await append();
  const relay = start();
  await expect.poll(relay.mode, patient).toBe('streaming');
  await expect.poll(publishedIds, patient).toEqual([before]);
  const undone = db.transaction().execute(async (trx) => {
    await appendEvent(trx, contract, { type: 't.happened', subject: 's', timeMs: 0, data: { n: -1 } });
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  const after = [await append(), await append()];
  await expect.poll(publishedIds, patient).toEqual([before, ...after]);
  await expect.poll(countWaiting, patient).toBe(0);
});

test('one instance streams; when it is gone the next one does, and nothing is lost or published twice', async () => {
  const first = start();
  await expect.poll(first.mode, patient).toBe('streaming');
  const second = start();
  await expect.poll(second.mode, patient).toBe('standby');
  const ids = [await append()];
  await expect.poll(() => published.length, patient).toBe(1);
  const stopped = first.stop();
  ids.push(await append(), await append());
  await stopped;
  await expect.poll(second.mode, patient).toBe('streaming');
  ids.push(await append());
  await expect.poll(() => published.length, patient).toBe(4);
  expect(new Set(publishedIds())).toEqual(new Set(ids));
});

test('a stream that is stopped leaves no slot behind to keep the log on the disk', async () => {
  const relay = start();
  await expect.poll(relay.mode, patient).toBe('streaming');
  expect(await countSlots()).toBe(1);
  await relay.stop();
  await expect.poll(countSlots, patient).toBe(0);
});

test('while the slot is dropped again and again each event is published once, in the order of its subject', async () => {
  const relay = start({ intervalMs: 5 });
  const standby = start({ intervalMs: 5, safetyMs: 10 });
  const total = 200;
  for (let n = 0; n < total; n += 1) {
    await append(`s${n % 4}`, n);
    if (n % 40 === 20) {
      await expect.poll(() => [relay.mode(), standby.mode()], patient).toContain('streaming');
      await dropSlot();
    }
  }
  await expect.poll(() => published.length, patient).toBe(total);
  expect(new Set(publishedIds()).size).toBe(total);
  for (const events of Map.groupBy(published, ({ subject }) => subject).values()) {
    const numbers = events.map(({ data }) => Number(data.n));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
});

test('a restart of the server ends the stream in order, and it comes back', async () => {
  const relay = start();
  await expect.poll(relay.mode, patient).toBe('streaming');
  await append();
  await expect.poll(() => published.length, patient).toBe(1);
  await postgres.restart();
  await vi.waitFor(() => append(), patient);
  await expect.poll(relay.mode, patient).toBe('streaming');
  await expect.poll(() => published.length, patient).toBe(2);
  await append();
  await expect.poll(() => published.length, patient).toBe(3);
  expect(new Set(publishedIds()).size).toBe(3);
});

test('without the right to stream it polls, and streams once it has the right', async () => {
  await sql`alter role cart noreplication`.execute(admin);
  const relay = start({ intervalMs: 10 });
  await append();
  await expect.poll(() => published.length, patient).toBe(1);
  expect(relay.mode()).toBe('polling');
  await sql`alter role cart replication`.execute(admin);
  await expect.poll(relay.mode, patient).toBe('streaming');
  await append();
  await expect.poll(() => published.length, patient).toBe(2);
});

test('a stream that does not tell of everything is found out and begun anew', async () => {
  const relay = start({ safetyMs: 200 });
  await expect.poll(relay.mode, patient).toBe('streaming');
  await sql`drop publication outbox`.execute(db);
  const isThere = async (): Promise<boolean> => {
    await append();
    const { rows } = await sql`select from pg_publication`.execute(db);
    return rows.length === 1 && relay.mode() === 'streaming';
  };
  await expect.poll(isThere, { ...patient, interval: 300 }).toBe(true);
});

test('while the bus is away events wait in the table and not in the log, and come in order when it is back', async () => {
  let away = true;
  const publish = async (events: CloudEvent[]): Promise<void> => {
    if (away) throw new Error('away');
    published.push(...events);
  };
  const relay = start({ publish, intervalMs: 20 });
  await expect.poll(relay.mode, patient).toBe('streaming');
  const ids = [await append(), await append(), await append()];
  const { rows } = await sql<{ lsn: string }>`select pg_current_wal_lsn() as lsn`.execute(admin);
  const confirmed = async (): Promise<boolean | undefined> => {
    const answer = await sql<{ passed: boolean }>`
      select confirmed_flush_lsn >= ${rows[0]?.lsn}::pg_lsn as passed from pg_replication_slots`.execute(admin);
    return answer.rows[0]?.passed;
  };
  await expect.poll(confirmed, patient).toBe(true);
  expect(await countWaiting()).toBe(3);
  away = false;
  await expect.poll(publishedIds, patient).toEqual(ids);
  ids.push(await append());
  await expect.poll(publishedIds, patient).toEqual(ids);
  expect(relay.mode()).toBe('streaming');
});
