import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PrismaClient } from '#prisma/client';
import { endProcess, insertPage, startTestChaos, type TestChaos, until } from './test-chaos.ts';

let chaos: TestChaos;
let owner: PrismaClient;

beforeAll(async () => {
  chaos = await startTestChaos();
  owner = chaos.owner;
}, 60_000);

afterEach(async () => {
  await chaos.stopControllers();
  await owner.fault.deleteMany();
  chaos.load.length = 0;
}, 30_000);

afterAll(() => chaos.stop());

/** Inserts a command as the console does and waits for its answer. */
async function ask(kind: string, params: object): Promise<{ id: string; error: string | null }> {
  const { id } = await owner.chaosCommand.create({ data: { kind, params, author: 'ada' } });
  await owner.$executeRaw`SELECT pg_notify('chaos_commands', ${id})`;
  for (;;) {
    const { handledAt, error } = await owner.chaosCommand.findUniqueOrThrow({ where: { id } });
    if (handledAt !== null) return { id, error };
    await sleep(50);
  }
}

async function status(): Promise<number> {
  return (await fetch(`${chaos.shopUrl}/things`)).status;
}

async function endedDrill(id: string) {
  await until(async () => (await owner.drill.findUniqueOrThrow({ where: { id } })).state !== 'running');
  return owner.drill.findUniqueOrThrow({ where: { id }, include: { injections: true } });
}

describe('a fault', () => {
  it('is intended, in force, stopped, and recorded at each step', async () => {
    await chaos.startController();
    const { id, error } = await ask('start', { name: 'payments-errors', ttlSeconds: 60, share: 1, status: 503 });
    expect(error).toBeNull();
    expect(await status()).toBe(503);
    expect(await owner.injection.findUnique({ where: { id } })).toMatchObject({
      state: 'active',
      author: 'ada',
      target: 'payments',
      params: { share: 1, status: 503 },
    });
    expect((await ask('stop', { injectionId: id })).error).toBeNull();
    expect(await status()).toBe(200);
    const ended = await owner.injection.findUniqueOrThrow({ where: { id } });
    expect(ended).toMatchObject({ state: 'ended', endReason: 'stopped' });
    expect(ended.undoneAt).not.toBeNull();
  });

  it('outlives its lease while the controller lives, and ends at its time to live', async () => {
    await chaos.startController();
    const { id } = await ask('start', { name: 'payments-errors', ttlSeconds: 11, share: 1 });
    await sleep(9_500);
    expect(await status()).toBe(500);
    await until(async () => (await status()) === 200);
    await until(async () => (await owner.injection.findUniqueOrThrow({ where: { id } })).state === 'ended');
    expect(await owner.injection.findUnique({ where: { id } })).toMatchObject({ endReason: 'expired' });
  }, 30_000);

  it('is gone without anybody when its controller is killed', async () => {
    const controller = await chaos.startController();
    await ask('start', { name: 'payments-errors', ttlSeconds: 600, share: 1 });
    expect(await status()).toBe(500);
    await endProcess(controller, 'SIGKILL');
    await until(async () => (await status()) === 200);
  }, 30_000);

  it('is swept and recorded by the next controller', async () => {
    const controller = await chaos.startController();
    const { id } = await ask('start', { name: 'payments-errors', ttlSeconds: 600, share: 1 });
    await endProcess(controller, 'SIGKILL');
    await chaos.startController();
    expect(await status()).toBe(200);
    expect(await owner.injection.findUnique({ where: { id } })).toMatchObject({ state: 'ended', endReason: 'swept' });
  });

  it('is undone when the controller is stopped', async () => {
    const controller = await chaos.startController();
    const { id } = await ask('start', { name: 'payments-errors', ttlSeconds: 600, share: 1 });
    await endProcess(controller, 'SIGTERM');
    expect(await status()).toBe(200);
    expect(await owner.injection.findUnique({ where: { id } })).toMatchObject({ state: 'ended' });
  });

  it('cannot be injected while the global stop is pulled, which undoes everything', async () => {
    await chaos.startController();
    await ask('start', { name: 'payments-errors', ttlSeconds: 60, share: 1 });
    await ask('stop-all', { hold: true, reason: 'black Friday' });
    expect(await status()).toBe(200);
    expect((await ask('start', { name: 'cart-hang', ttlSeconds: 60 })).error).toMatch('global stop is pulled by ada');
    expect((await ask('release', {})).error).toBeNull();
    const { id, error } = await ask('start', { name: 'payments-errors', ttlSeconds: 60, share: 1 });
    expect(error).toBeNull();
    await ask('stop', { injectionId: id });
  });

  const refused: [string, object, RegExp][] = [
    ['without a time to live', { name: 'payments-errors' }, /ttlSeconds is mandatory/],
    ['that lives over fifteen minutes', { name: 'payments-errors', ttlSeconds: 901 }, /900 s at most/],
    ['with an unknown name', { name: 'payment-errors', ttlSeconds: 9 }, /there are: .*payments-errors/],
    [
      'with a foreign parameter',
      { name: 'payments-hang', ttlSeconds: 9, status: 500 },
      /has no status; share can be set/,
    ],
  ];
  for (const [title, params, message] of refused) {
    it(`${title} is refused and nothing is injected`, async () => {
      await chaos.startController();
      const { id, error } = await ask('start', params);
      expect(error).toMatch(message);
      expect(await owner.injection.count({ where: { id } })).toBe(0);
    });
  }
});

describe('a drill', () => {
  it('hits: undoes the fault at once when the page is accepted and waits for the resolution', async () => {
    await chaos.startController();
    const { id } = await ask('drill', { name: 'payments-errors', limitSeconds: 30, ttlSeconds: 40 });
    await until(async () => (await status()) === 500);
    const { id: faultId } = await insertPage(owner, 'payments', 'gateway/checkout-success');
    await owner.$executeRaw`SELECT pg_notify('faults', ${faultId})`;
    await until(async () => (await owner.injection.count({ where: { drillId: id, state: 'ended' } })) === 1);
    expect(await status()).toBe(200);
    await owner.fault.update({ where: { id: faultId }, data: { state: 'resolved', resolvedAt: new Date() } });
    const drill = await endedDrill(id);
    expect(drill).toMatchObject({ state: 'done', verdict: 'hit', page: { service: 'payments', faultId } });
    expect(drill.detectionSeconds).toBeGreaterThan(0);
    const stages = drill.stages as Record<string, string | null>;
    expect(Object.values(stages)).not.toContain(null);
    expect(Date.parse(stages.undone ?? '')).toBeGreaterThanOrEqual(Date.parse(stages.accepted ?? ''));
    expect(drill.progress).toHaveLength(3);
  });

  it('names a page for the wrong service', async () => {
    await chaos.startController();
    const { id } = await ask('drill', { name: 'payments-errors', limitSeconds: 30, ttlSeconds: 40 });
    await until(async () => (await status()) === 500);
    const { id: faultId } = await insertPage(owner, 'orders', 'orders/availability');
    await owner.fault.update({ where: { id: faultId }, data: { resolvedAt: new Date() } });
    expect(await endedDrill(id)).toMatchObject({ verdict: 'wrong service' });
  });

  it('is missed when no page comes, and leaves no fault behind', async () => {
    await chaos.startController();
    const { id } = await ask('drill', { name: 'payments-errors', limitSeconds: 1, ttlSeconds: 1 });
    expect(await endedDrill(id)).toMatchObject({ verdict: 'missed', page: null, injections: [{ state: 'ended' }] });
    expect(await status()).toBe(200);
  }, 20_000);

  it('is refused while a related fault is open, and injects nothing', async () => {
    await chaos.startController();
    await insertPage(owner, 'orders', 'orders/availability');
    const { id } = await ask('drill', { name: 'payments-errors' });
    expect(await endedDrill(id)).toMatchObject({ state: 'refused', verdict: null, injections: [] });
  });

  it('undoes its fault when it is cancelled', async () => {
    await chaos.startController();
    const { id } = await ask('drill', { name: 'payments-errors' });
    await until(async () => (await status()) === 500);
    expect((await ask('cancel-drill', { drillId: id })).error).toBeNull();
    expect(await status()).toBe(200);
    expect(await endedDrill(id)).toMatchObject({ state: 'done', verdict: null, reason: 'cancelled by ada' });
  });

  it('is closed, with its fault undone, when its controller is killed', async () => {
    const controller = await chaos.startController();
    const { id } = await ask('drill', { name: 'payments-errors' });
    await until(async () => (await status()) === 500);
    await endProcess(controller, 'SIGKILL');
    await chaos.startController();
    expect(await status()).toBe(200);
    expect(await endedDrill(id)).toMatchObject({ verdict: null, injections: [{ endReason: 'swept' }] });
  });

  it('quiet is silent through a flash sale in its middle third', async () => {
    await chaos.startController();
    const { id } = await ask('drill', { name: 'quiet', ttlSeconds: 1.5, flashSale: true });
    expect(await endedDrill(id)).toMatchObject({ verdict: 'silent', injections: [] });
    expect(chaos.load).toEqual([{ mode: 'flash-sale', forSeconds: 0.5 }, { mode: 'normal' }]);
  });

  it('quiet is noisy when anybody is paged', async () => {
    await chaos.startController();
    const { id } = await ask('drill', { name: 'quiet', ttlSeconds: 1.5 });
    await insertPage(owner, 'a-stranger', 'a-stranger/availability');
    expect(await endedDrill(id)).toMatchObject({ verdict: 'noisy', page: { service: 'a-stranger' } });
    expect(chaos.load).toEqual([]);
  });
});
