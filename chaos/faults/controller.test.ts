import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createLogger } from '#process/logger';
import { createMetrics } from '../metrics.ts';
import type { Actuator } from './actuator.ts';
import { type Controller, createController } from './controller.ts';
import type { InjectionStore } from './store.ts';

type World = {
  controller: Controller;
  /** What happened, in order. */
  events: string[];
  clock: { now: number };
  target: { reachable: boolean; forgetful: boolean };
};

/** A controller on a clock that only moves when somebody sleeps or the test says so. */
function setUp(): World {
  const events: string[] = [];
  const clock = { now: 0 };
  const target = { reachable: true, forgetful: false };
  const actuator: Actuator = {
    inject: async (_, ttlSeconds) => {
      events.push(`inject for ${ttlSeconds} s`);
      if (!target.reachable) throw new Error('connection refused');
    },
    renew: async () => {
      events.push('renew');
      return target.reachable ? (target.forgetful ? 'gone' : 'renewed') : 'unreachable';
    },
    undo: async () => {
      events.push('undo');
      return target.reachable;
    },
  };
  const store: InjectionStore = {
    recordIntent: async () => void events.push('intent'),
    recordActive: async () => void events.push('active'),
    recordEnd: async (_, { state, reason }) => void events.push(`${state}: ${reason} at ${clock.now / 1000} s`),
    listOpen: async () => [],
    readGlobalStop: async () => null,
    pullGlobalStop: async () => undefined,
    releaseGlobalStop: async () => undefined,
  };
  const logger = createLogger('test');
  logger.level = 'silent';
  const controller = createController({
    store,
    actuator,
    logger,
    metrics: createMetrics(new Registry(), () => 0),
    now: () => clock.now,
    sleep: async (ms) => {
      clock.now += ms;
    },
  });
  return { controller, events, clock, target };
}

async function tickAt(world: World, seconds: number): Promise<void> {
  world.clock.now = seconds * 1000;
  await world.controller.tick();
  await new Promise((resolve) => setImmediate(resolve));
}

const request = { name: 'payments-errors', ttlSeconds: 30, author: 'ada' };

describe('the controller', () => {
  it('writes the intent before it injects', async () => {
    const { controller, events } = setUp();
    await controller.start(request);
    expect(events).toEqual(['intent', 'inject for 30 s', 'active']);
  });

  it('renews every two seconds and undoes at the time to live', async () => {
    const world = setUp();
    await world.controller.start(request);
    world.events.length = 0;
    for (const at of [1, 2, 3, 4, 29, 30]) await tickAt(world, at);
    expect(world.events).toEqual(['renew', 'renew', 'renew', 'undo', 'ended: expired at 30 s']);
    expect(world.controller.active()).toBe(0);
  });

  it('injects again, for the time that is left, into a process that has forgotten', async () => {
    const world = setUp();
    await world.controller.start(request);
    world.events.length = 0;
    world.target.forgetful = true;
    await tickAt(world, 12);
    expect(world.events).toEqual(['renew', 'inject for 18 s']);
  });

  it('says that a fault is gone only when its lease is over, if nobody confirms the undo', async () => {
    const world = setUp();
    const { id } = await world.controller.start(request);
    await tickAt(world, 4);
    world.target.reachable = false;
    world.events.length = 0;
    const undoneAt = await world.controller.stop(id, 'stopped');
    expect(undoneAt?.getTime()).toBe(13_000);
    expect(world.events.at(-1)).toBe('ended: stopped at 13 s');
  });

  it('waits for the whole time to live of a kill that the supervisor does not take back', async () => {
    const world = setUp();
    const { id } = await world.controller.start({ ...request, name: 'payments-kill' });
    world.target.reachable = false;
    expect((await world.controller.stop(id, 'stopped'))?.getTime()).toBe(31_000);
  });

  it('undoes what may have been injected although the answer was lost', async () => {
    const world = setUp();
    world.target.reachable = false;
    await expect(world.controller.start(request)).rejects.toThrow('connection refused');
    expect(world.events[2]).toBe('undo');
    expect(world.events.at(-1)).toMatch(/^failed: failed: connection refused/);
    expect(world.controller.active()).toBe(0);
  });

  it('ends a fault once, however often it is stopped', async () => {
    const world = setUp();
    const { id } = await world.controller.start(request);
    await Promise.all([world.controller.stop(id, 'stopped'), world.controller.stopAll('global stop')]);
    expect(world.events.filter((event) => event === 'undo')).toHaveLength(1);
    expect(await world.controller.stop(id, 'stopped')).toBeNull();
  });

  const refused: [string, object][] = [
    ['no time to live', { ttlSeconds: Number.NaN }],
    ['more than fifteen minutes', { ttlSeconds: 900.5 }],
    ['an unknown name', { name: 'payments-melt' }],
    ['a parameter of another kind of fault', { params: { latencyMs: 5 } }],
  ];
  for (const [title, change] of refused) {
    it(`refuses ${title} before anything is written`, async () => {
      const { controller, events } = setUp();
      await expect(controller.start({ ...request, ...change })).rejects.toThrow();
      expect(events).toEqual([]);
    });
  }
});
