import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PrismaClient } from '#prisma/client';
import { startTestControl, type TestControl } from '../evaluation/test-control.ts';
import { createTestRoom } from '../evaluation/test-room.ts';
import { createInbox, until } from './test-inbox.ts';

let control: TestControl;
let prisma: PrismaClient;

beforeAll(async () => {
  control = await startTestControl();
  prisma = control.prisma;
}, 60_000);

afterAll(() => control.stop());

beforeEach(() => control.clear());

/** A client that does something between reading the queue and giving out what it read. */
function onQueueRead(client: PrismaClient, between: () => Promise<void>): PrismaClient {
  return client.$extends({
    query: {
      notification: {
        findMany: async ({ args, query }) => {
          const rows = await query(args);
          await between();
          return rows;
        },
      },
    },
  }) as unknown as PrismaClient;
}

test('a delivery is tried again with the same key until it is accepted', async () => {
  const inbox = createInbox('webhook');
  inbox.answers.push({ ok: false, retryable: true, reason: 'answered 503' });
  const room = createTestRoom(prisma, [inbox]);
  await room.pass(30);
  const dispatcher = room.startDispatcher();
  await room.pass(15, 'payments');
  await until(() => inbox.keys.length >= 1);
  await room.pass(10, 'payments');
  await until(control.isQueueEmpty);
  await dispatcher.stop();
  expect(inbox.keys).toHaveLength(2);
  expect(new Set(inbox.keys).size).toBe(1);
  const [row] = await prisma.notification.findMany();
  expect(row).toMatchObject({ state: 'accepted', attempts: 2, lastError: null });
  expect(row?.acceptedAt?.getTime()).toBeGreaterThan(row?.sentAt?.getTime() ?? Number.POSITIVE_INFINITY);
});

test('a delivery that ends while the queue is being read is not made again', async () => {
  const inbox = createInbox('webhook');
  const [send, read] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const deliver = inbox.send;
  inbox.send = async (page, key) => {
    const outcome = await deliver(page, key);
    await send.promise;
    return outcome;
  };
  const room = createTestRoom(prisma, [inbox]);
  await room.pass(30);
  await room.pass(15, 'payments');
  let reads = 0;
  const dispatcher = room.startDispatcher(
    onQueueRead(prisma, async () => {
      reads += 1;
      if (reads === 2) await read.promise;
    }),
  );
  dispatcher.kick();
  await until(() => inbox.keys.length === 1);
  dispatcher.kick();
  await until(() => reads === 2);
  send.resolve();
  await until(control.isQueueEmpty);
  await new Promise((resolve) => setTimeout(resolve, 100));
  read.resolve();
  await until(() => reads >= 3);
  await dispatcher.stop();
  expect(inbox.keys).toHaveLength(1);
});

test('a delivery that can never succeed is given up and says why; the resolved message still goes', async () => {
  const inbox = createInbox('webhook');
  inbox.answers.push({ ok: false, retryable: false, reason: 'answered 400' });
  const room = createTestRoom(prisma, [inbox]);
  await room.pass(30);
  const dispatcher = room.startDispatcher();
  await room.pass(15, 'payments');
  await room.pass(45);
  await until(control.isQueueEmpty);
  await dispatcher.stop();
  const rows = await prisma.notification.findMany({ orderBy: { status: 'asc' } });
  expect(rows).toMatchObject([
    { status: 'firing', state: 'failed', lastError: 'answered 400' },
    { status: 'resolved', state: 'accepted' },
  ]);
});
