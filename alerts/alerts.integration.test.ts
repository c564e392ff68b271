import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PrismaClient } from '#prisma/client';
import { startTestControl, type TestControl } from './evaluation/test-control.ts';
import { createTestRoom, type TestRoom } from './evaluation/test-room.ts';
import { failedBrowsing } from './evaluation/test-telemetry.ts';
import { createInbox, until } from './notify/test-inbox.ts';

let control: TestControl;
let prisma: PrismaClient;

beforeAll(async () => {
  control = await startTestControl();
  prisma = control.prisma;
}, 60_000);

afterAll(() => control.stop());

beforeEach(() => control.clear());

async function command(
  room: TestRoom,
  data: { kind: string; faultId: string; reason?: string },
): Promise<string | null> {
  const { id } = await prisma.alertCommand.create({ data: { author: 'ada', ...data } });
  await room.loop.handleCommands();
  const row = await prisma.alertCommand.findUniqueOrThrow({ where: { id } });
  expect(row.handledAt).not.toBeNull();
  return row.error;
}

describe('an outage that trips three SLOs', () => {
  test('is one fault and one page per receiver that names the cause, is acknowledged, and resolves', async () => {
    const inboxes = [createInbox('console'), createInbox('webhook')];
    const room = createTestRoom(prisma, inboxes);
    const dispatcher = room.startDispatcher();
    await room.pass(20);
    await room.pass(14, 'payments');
    const fault = await prisma.fault.findFirstOrThrow({ include: { alerts: true, notifications: true } });
    expect(fault).toMatchObject({ state: 'firing', service: 'payments' });
    expect(fault.summary).toBe('Checkout fails in every try since 14:00:20 UTC: payments answers with errors.');
    expect(fault.alerts.map(({ sloId }) => sloId).sort()).toEqual([
      'gateway/availability',
      'orders/availability',
      'payments/availability',
    ]);
    await until(control.isQueueEmpty);
    expect(await command(room, { kind: 'acknowledge', faultId: fault.id })).toBeNull();
    expect(await prisma.fault.findFirst()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' });
    expect(await command(room, { kind: 'acknowledge', faultId: fault.id })).toBe('already acknowledged by ada');
    await room.pass(45);
    await until(control.isQueueEmpty);
    await dispatcher.stop();
    const ended = await prisma.fault.findFirstOrThrow();
    expect(ended).toMatchObject({ state: 'resolved', resolvedBy: null });
    for (const { keys, name } of inboxes) {
      expect(keys).toEqual([`fault/${fault.id}/firing/${name}`, `fault/${fault.id}/resolved/${name}`]);
    }
    const stages = [
      ended.onsetAt,
      ended.storedAt,
      ended.evaluatedAt,
      ended.pendingAt,
      ended.firingAt,
      ended.sentAt,
      ended.acceptedAt,
      ended.acknowledgedAt,
      ended.resolvedAt,
    ].map((at) => at?.getTime() ?? Number.NaN);
    expect(stages).toEqual([...stages].sort((a, b) => a - b));
    expect(await prisma.transition.count()).toBe(9);
  });
});

describe('a second, independent fault', () => {
  test('gets its own page while the first goes on', async () => {
    const inbox = createInbox('console');
    const room = createTestRoom(prisma, [inbox]);
    await room.pass(30);
    await room.pass(15, 'payments');
    for (let second = 0; second < 15; second += 1) {
      room.telemetry.add(room.nowMs(), [{ service: 'catalog', good: 0, bad: 9 }]);
      room.telemetry.addTrace(room.nowMs(), failedBrowsing());
      await room.pass(1, 'payments');
    }
    const faults = await prisma.fault.findMany({ orderBy: { number: 'asc' } });
    expect(faults.map(({ service }) => service)).toEqual(['payments', 'catalog']);
    expect(await prisma.notification.count({ where: { status: 'firing' } })).toBe(2);
  });
});

describe('a store that is slow to give traces', () => {
  test('delays the page until it names the right service', async () => {
    const room = createTestRoom(prisma, [createInbox('console')]);
    await room.pass(30);
    room.telemetry.withholdTraces(true);
    while ((await prisma.alert.count({ where: { state: 'firing' } })) === 0) await room.pass(1, 'payments');
    expect(await prisma.fault.count()).toBe(0);
    room.restart();
    room.telemetry.withholdTraces(false);
    await room.pass(1, 'payments');
    expect(await prisma.fault.findMany()).toMatchObject([{ service: 'payments' }]);
  });

  test('does not keep it back for long', async () => {
    const room = createTestRoom(prisma, [createInbox('console')]);
    await room.pass(30);
    room.telemetry.withholdTraces(true);
    await room.pass(20, 'payments');
    expect(await prisma.notification.count({ where: { status: 'firing' } })).toBe(1);
  });
});

describe('durability', () => {
  test('a crash between the transition and the send: exactly one page after the restart, none lost', async () => {
    const inbox = createInbox('console');
    const room = createTestRoom(prisma, [inbox]);
    await room.pass(30);
    await room.pass(15, 'payments');
    expect(inbox.keys).toEqual([]);
    room.restart();
    const dispatcher = room.startDispatcher();
    await room.pass(15, 'payments');
    await until(control.isQueueEmpty);
    await dispatcher.stop();
    expect(inbox.keys).toHaveLength(1);
    expect(await prisma.fault.count()).toBe(1);
  });

  test('a restart anywhere leads to the same alerts, transitions and counts', async () => {
    const outcome = async (restartEvery: number | null) => {
      await control.clear();
      const room = createTestRoom(prisma, [createInbox('console')]);
      for (let second = 0; second < 75; second += 1) {
        await room.pass(1, second >= 15 && second < 30 ? 'payments' : undefined);
        if (restartEvery !== null && second % restartEvery === 0) room.restart();
      }
      const states = await prisma.sloState.findMany({ orderBy: { sloId: 'asc' } });
      const transitions = await prisma.transition.findMany({ orderBy: { id: 'asc' } });
      return {
        counts: states.map(({ sloId, status, good, bad }) => ({ sloId, status, good, bad })),
        transitions: transitions.map(({ from, to, at }) => ({ from, to, at })),
        notifications: await prisma.notification.count(),
      };
    };
    const undisturbed = await outcome(null);
    expect(undisturbed.notifications).toBe(2);
    expect(undisturbed.counts[0]).toMatchObject({ good: 225, bad: 0 });
    expect(await outcome(7)).toEqual(undisturbed);
  });

  test('batches read again every tick are counted once, also after a failed read', async () => {
    const room = createTestRoom(prisma, []);
    await room.pass(10);
    room.telemetry.failOnce();
    await expect(room.loop.tick()).rejects.toThrow('away');
    await room.pass(10);
    expect(await prisma.sloState.findUnique({ where: { sloId: 'catalog/availability' } })).toMatchObject({ good: 60 });
  });

  test('a batch that the store had only twenty seconds after it arrived is counted all the same, once', async () => {
    const room = createTestRoom(prisma, []);
    await room.pass(30);
    room.telemetry.add(room.nowMs() - 20_000, [{ service: 'catalog', good: 7, bad: 0 }]);
    await room.pass(15);
    const state = await prisma.sloState.findUnique({ where: { sloId: 'catalog/availability' } });
    expect(state).toMatchObject({ good: 45 * 3 + 7 });
  });

  test('two processes at once: one gives up, nothing is counted twice', async () => {
    const room = createTestRoom(prisma, []);
    await room.pass(5);
    const first = room.loop;
    room.restart();
    await room.pass(5);
    await expect(first.tick()).rejects.toThrow('another alerts process');
    await first.tick();
    expect(await prisma.sloState.findUnique({ where: { sloId: 'catalog/availability' } })).toMatchObject({ good: 30 });
  });

  test('an outage while alerts was down is found when it comes back', async () => {
    const room = createTestRoom(prisma, [createInbox('console')]);
    await room.pass(30);
    const tick = room.loop.tick;
    room.loop.tick = async () => ({ behindMs: 0 });
    await room.pass(40, 'payments');
    room.loop.tick = tick;
    await room.pass(1, 'payments');
    expect(await prisma.fault.findMany()).toMatchObject([{ service: 'payments', state: 'firing' }]);
    expect(await prisma.sloState.findUnique({ where: { sloId: 'payments/availability' } })).toMatchObject({ bad: 123 });
  });
});

describe('a person', () => {
  test('resolves a fault with a reason; a fault that goes on pages again', async () => {
    const room = createTestRoom(prisma, [createInbox('console')]);
    await room.pass(30);
    await room.pass(15, 'payments');
    const { id } = await prisma.fault.findFirstOrThrow();
    expect(await command(room, { kind: 'resolve', faultId: id })).toBe('a reason is needed to resolve a fault');
    expect(await command(room, { kind: 'resolve', faultId: id, reason: 'known' })).toBeNull();
    expect(await prisma.fault.findFirst()).toMatchObject({
      state: 'resolved',
      resolvedBy: 'ada',
      resolveReason: 'known',
    });
    expect(await prisma.alert.count({ where: { state: 'firing' } })).toBe(0);
    await room.pass(15, 'payments');
    expect(await prisma.fault.count({ where: { state: 'firing' } })).toBe(1);
    expect(await command(room, { kind: 'acknowledge', faultId: id })).toBe('the fault is already resolved');
  });
});

describe('the role of alerts', () => {
  test('cannot see what chaos injects', async () => {
    await expect(prisma.injection.findMany()).rejects.toThrow(/denied|permission/);
  });
});
