import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { applyMigrations } from '#prisma/apply';
import { createPrismaClient, type PrismaClient } from '#prisma/client';
import type { CloudEvent } from '#process/bus/cloud-event';
import { openBus } from '#process/bus/open';
import { type Bus, PoisonError } from '#process/bus/port';
import { createLogger } from '#process/logger';
import { openLetterStore } from './store.ts';
import { watchDeadLetters } from './watch.ts';

const logger = createLogger('dead-letters-test');
logger.level = 'silent';
const patient = { timeout: 60_000, interval: 100 };
const queue = 'shop.orders';

let postgres: TestPostgres;
let bus: Bus;
/** Role `app`: what the console sees and may do. */
let console: PrismaClient;
let watch: { stop: () => Promise<void> };
const handled: string[] = [];
let mended = false;

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['bus', 'bellwether'] });
  await applyMigrations({ databaseUrl: postgres.url('bellwether') });
  console = createPrismaClient({ databaseUrl: postgres.url('bellwether', 'app') });
  bus = await openBus({ BUS_URL: postgres.url('bus') }, { name: 'test', logger });
  await bus.consume({
    queue,
    types: ['order.placed'],
    handler: async ({ subject }) => {
      if (!mended) throw new PoisonError(`${subject} names no product`);
      handled.push(subject);
    },
  });
  watch = startWatch();
});

afterAll(async () => {
  await watch?.stop();
  await bus?.stop();
  await console?.$disconnect();
  await postgres?.stop();
});

function startWatch(): { stop: () => Promise<void> } {
  return watchDeadLetters(
    { BUS_URL: postgres.url('bus') },
    { databaseUrl: postgres.url('bellwether', 'collectors'), clock: Date.now, logger },
  );
}

function placed(subject: string): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/services/test',
    type: 'order.placed',
    subject,
    time: '2026-11-26T10:00:00Z',
    datacontenttype: 'application/json',
    data: {},
  };
}

/** As the console asks. @returns the command once it is answered */
async function replay(letterId: string | null, of = queue) {
  const { id } = await console.replayCommand.create({ data: { queue: of, letterId, author: 'ada' } });
  await console.$executeRaw`SELECT pg_notify('replay_commands', ${id})`;
  const read = () => console.replayCommand.findUniqueOrThrow({ where: { id } });
  await expect.poll(async () => (await read()).handledAt, patient).not.toBeNull();
  return read();
}

test('a poison event is shown with its reason and payload, replayed when asked, and gone then', async () => {
  await bus.publish([placed('o-1'), placed('o-2'), placed('o-3')]);
  await expect.poll(() => console.deadLetter.count(), patient).toBe(3);
  const letters = await console.deadLetter.findMany();
  const reasons = letters.map(({ reason }) => reason).sort();
  expect(reasons).toEqual(['o-1 names no product', 'o-2 names no product', 'o-3 names no product']);
  const first = letters.find(({ event }) => event.includes('"o-1"'));
  expect(first).toMatchObject({ queue, attempts: 1 });
  expect(JSON.parse(first?.event ?? '').type).toBe('order.placed');

  mended = true;
  expect(await replay(first?.id ?? '')).toMatchObject({ replayed: 1, error: null });
  await expect.poll(() => handled, patient).toEqual(['o-1']);
  await expect.poll(() => console.deadLetter.count(), patient).toBe(2);
  expect((await replay(first?.id ?? '')).error).toContain('replayed already');
  expect(handled).toEqual(['o-1']);

  expect(await replay(null)).toMatchObject({ replayed: 2 });
  await expect.poll(() => handled.toSorted(), patient).toEqual(['o-1', 'o-2', 'o-3']);
  await expect.poll(() => console.deadLetter.count(), patient).toBe(0);
});

test('a wish about a queue that nobody consumes is answered', async () => {
  expect((await replay(null, 'no.such')).error).toBe('no consumer is called no.such');
});

test('what was asked for while no collectors ran is done when they do, and listeners are told', async () => {
  mended = false;
  await watch.stop();
  await bus.publish([placed('o-4')]);
  const listener = new Client({ connectionString: postgres.url('bellwether', 'app') });
  await listener.connect();
  await listener.query('LISTEN dead_letters');
  const told = new Promise((resolve) => listener.once('notification', resolve));
  watch = startWatch();
  await told;
  await listener.end();
  await watch.stop();
  const { id } = await console.replayCommand.create({ data: { queue, author: 'ada' } });
  mended = true;
  watch = startWatch();
  await expect.poll(async () => (await console.replayCommand.findUnique({ where: { id } }))?.replayed, patient).toBe(1);
  await expect.poll(() => handled, patient).toContain('o-4');
});

test('a bus that is away is said, and forgotten once it is back', async () => {
  await watch.stop();
  const lost = watchDeadLetters(
    { BUS_URL: postgres.url('bus').replace(/:\d+\//, ':1/') },
    { databaseUrl: postgres.url('bellwether', 'collectors'), clock: Date.now, logger },
  );
  const reading = () => console.busReading.findUnique({ where: { id: 1 } });
  await expect.poll(async () => (await reading())?.error, patient).toEqual(expect.any(String));
  await lost.stop();
  watch = startWatch();
  await expect.poll(async () => (await reading())?.error, patient).toBeNull();
});

test('what PostgreSQL cannot hold as it is is shown all the same', async () => {
  await watch.stop();
  const store = openLetterStore(postgres.url('bellwether', 'collectors'));
  const at = new Date().toISOString();
  const event = { note: 'a NUL: \0, half a pair: \ud800', long: '\u{1F514}'.repeat(30_000) };
  await store.replace([{ id: 'a\0b', queue, reason: 'no \0', attempts: 1, at, event }], Date.now());
  const [letter] = await console.deadLetter.findMany();
  expect(letter).toMatchObject({ id: 'a\uFFFDb', reason: 'no \uFFFD' });
  expect(letter?.event).toContain('a NUL: \\u0000');
  await store.replace([], Date.now());
  expect(await console.deadLetter.count()).toBe(0);
  await store.close();
  watch = startWatch();
});
