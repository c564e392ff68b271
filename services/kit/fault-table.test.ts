import { describe, expect, it } from 'vitest';
import { type AgentFault, agentFaultSchema, createFaultTable } from './fault-table.ts';

const id = '6f6f0cf4-3f43-4b59-9c1d-0a6e5a3a9a01';
const errorFault: AgentFault = { id, kind: 'error', share: 1, status: 503, ttlSeconds: 30, leaseSeconds: 8 };

function setUp(randoms: number[] = [0]): {
  table: ReturnType<typeof createFaultTable>;
  pass: (seconds: number) => void;
} {
  let now = 1_000;
  let index = 0;
  const random = (): number => randoms[index++ % randoms.length] ?? 0;
  return { table: createFaultTable({ clock: () => now, random }), pass: (seconds) => (now += seconds * 1000) };
}

describe('a fault ends by itself', () => {
  const cases: { title: string; renewEvery: number | null; after: number; alive: boolean }[] = [
    { title: 'lives within its lease', renewEvery: null, after: 7.9, alive: true },
    { title: 'is gone when its lease was not renewed', renewEvery: null, after: 8, alive: false },
    { title: 'lives on while its lease is renewed', renewEvery: 2, after: 28, alive: true },
    { title: 'is gone at its time to live however often it is renewed', renewEvery: 2, after: 30, alive: false },
  ];
  for (const { title, renewEvery, after, alive } of cases) {
    it(title, () => {
      const { table, pass } = setUp();
      table.put(errorFault);
      const step = renewEvery ?? after;
      for (let passed = 0; passed < after; passed += step) {
        pass(step);
        if (renewEvery !== null) table.renew(id);
      }
      expect(table.decide()?.errorStatus ?? null).toBe(alive ? 503 : null);
      expect(table.list()).toHaveLength(alive ? 1 : 0);
    });
  }

  it('cannot be renewed back to life', () => {
    const { table, pass } = setUp();
    table.put(errorFault);
    pass(9);
    expect(table.renew(id)).toBe(false);
    expect(table.decide()).toBeNull();
  });
});

describe('what a request suffers', () => {
  it('touches exactly the share that the random numbers say', () => {
    const { table } = setUp([0.1, 0.29, 0.3, 0.9]);
    table.put({ ...errorFault, share: 0.3 });
    expect([1, 2, 3, 4].map(() => table.decide()?.errorStatus ?? null)).toEqual([503, 503, null, null]);
  });

  it('draws delays around the mean and never below zero', () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const table = createFaultTable({ clock: () => 0, random });
    table.put({ id, kind: 'latency', share: 1, latencyMs: 400, jitterMs: 200, ttlSeconds: 30, leaseSeconds: 8 });
    const delays = Array.from({ length: 4000 }, () => table.decide()?.delayMs ?? Number.NaN);
    const mean = delays.reduce((sum, value) => sum + value, 0) / delays.length;
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(mean).toBeGreaterThan(380);
    expect(mean).toBeLessThan(425);
  });

  it('adds up faults of several kinds', () => {
    const { table } = setUp([0]);
    table.put(errorFault);
    table.put({
      ...errorFault,
      id: '6f6f0cf4-3f43-4b59-9c1d-0a6e5a3a9a02',
      kind: 'latency',
      latencyMs: 50,
      jitterMs: 0,
    });
    expect(table.decide()).toEqual({ delayMs: 50, hang: false, errorStatus: 503 });
  });
});

describe('what is refused', () => {
  const bad: [string, object][] = [
    ['no time to live', { ttlSeconds: undefined }],
    ['a time to live over fifteen minutes', { ttlSeconds: 901 }],
    ['no lease', { leaseSeconds: undefined }],
    ['a share of nothing', { share: 0 }],
    ['a share above one', { share: 1.1 }],
    ['a status that is no failure', { status: 200 }],
    ['an unknown kind', { kind: 'melt' }],
  ];
  for (const [title, change] of bad) {
    it(title, () => expect(agentFaultSchema.safeParse({ ...errorFault, ...change }).success).toBe(false));
  }
});
