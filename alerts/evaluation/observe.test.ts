import { describe, expect, test } from 'vitest';
import type { Indicator, SloDefinition } from '../slo/definition.ts';
import { takeObservations } from './observe.ts';
import type { BatchCount, RecentSample } from './queries.ts';
import { createObjectives, emptyRoom, type Room } from './room.ts';

const nowMs = 1_000_000;
const room: Room = { ...emptyRoom, watermarkMs: nowMs - 1_000 };

function objectives(indicator: Indicator) {
  const slo: SloDefinition = {
    id: 'orders/availability',
    service: 'orders',
    name: 'availability',
    displayName: '',
    description: null,
    sli: 'availability',
    indicator,
    objective: 0.99,
    windowDays: 28,
    automatic: false,
    file: null,
    runbook: null,
    owner: null,
  };
  return createObjectives([slo], 86_400);
}

const spans = objectives({ type: 'spans', service: 'orders', bad: { kind: 'error' }, countUnanswered: true });
const selector = (metric: string) => ({ metric, matchers: [] });
const metrics = objectives({ type: 'metrics', good: null, bad: selector('errors'), total: selector('requests') });

function batch(batchId: string, arrivedMs: number, good: number, bad: number): BatchCount {
  const firstBadMs = bad > 0 ? arrivedMs - 500 : null;
  return {
    batchId,
    arrivedMs,
    sliId: 'orders/availability',
    good,
    bad,
    firstBadMs,
    firstBadArrivedMs: firstBadMs && arrivedMs,
  };
}

function sample(part: string, batchId: string, timestampMs: number, value: number): RecentSample {
  const selectorId = `orders/availability#${part}`;
  return { selectorId, batchId, arrivedMs: timestampMs, fingerprint: part, timestampMs, value, startMs: nowMs - 500 };
}

function observe(from: Room, reading: { spans?: BatchCount[]; samples?: RecentSample[] }, given = spans) {
  const full = { spans: [], samples: [], toArrivedMs: nowMs, ...reading };
  const taken = takeObservations(from, given, full, nowMs);
  return { room: taken.room, seen: taken.observations.get('orders/availability') ?? [] };
}

describe('batches', () => {
  test('of a tick are one observation, dated by the earliest bad event', () => {
    const { seen } = observe(room, { spans: [batch('2', nowMs - 100, 3, 1), batch('1', nowMs - 700, 2, 2)] });
    expect(seen).toEqual([{ atMs: nowMs, good: 5, bad: 3, firstBadMs: nowMs - 1_200, firstBadStoredMs: nowMs - 700 }]);
  });

  test('read again are skipped; one that was committed late is not', () => {
    const first = observe(room, { spans: [batch('1', nowMs - 700, 2, 0)] });
    const again = observe(first.room, { spans: [batch('1', nowMs - 700, 2, 0), batch('0', nowMs - 900, 1, 1)] });
    expect(again.seen).toMatchObject([{ good: 1, bad: 1 }]);
  });

  test('are remembered for as long as they are read again, no longer', () => {
    const first = observe(room, { spans: [batch('old', nowMs - 60_000, 1, 0), batch('new', nowMs - 20_000, 1, 0)] });
    expect(Object.keys(first.room.seen)).toEqual(['tnew']);
  });

  test('of an outage of our own are ticks of a second each, in order', () => {
    const late = [0, 1, 2, 3, 4, 5, 6, 7].map((second) =>
      batch(String(second), nowMs - 9_500 + second * 1_000, 1, second),
    );
    const { seen } = observe(room, { spans: late.reverse() });
    expect(seen.map(({ bad }) => bad)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(seen.map(({ atMs }) => atMs)).toEqual([...seen.map(({ atMs }) => atMs)].sort((a, b) => a - b));
  });
});

describe('metrics', () => {
  test('bad and total make good', () => {
    const samples = [sample('total', '1', nowMs - 100, 10), sample('bad', '1', nowMs - 100, 4)];
    expect(observe(room, { samples }, metrics).seen).toMatchObject([{ good: 6, bad: 4 }]);
  });

  test('a bad event whose total comes a batch later is not good then', () => {
    const early = observe(room, { samples: [sample('bad', '1', nowMs - 200, 4)] }, metrics);
    expect(early.seen).toMatchObject([{ good: 0, bad: 4 }]);
    const late = observe(early.room, { samples: [sample('total', '2', nowMs - 100, 10)] }, metrics);
    expect(late.seen).toMatchObject([{ good: 6, bad: 0 }]);
  });
});
