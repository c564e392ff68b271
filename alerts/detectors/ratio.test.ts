import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from './observation.ts';
import {
  createRatioDetector,
  initialRatioState,
  observeRatio,
  type RatioState,
  resolveTicks,
  type Signal,
} from './ratio.ts';

const detector = createRatioDetector({ objective: 0.99, promisedSeconds: 15 * 30 * 86_400 });

function tick(second: number, good: number, bad: number): Observation {
  const atMs = 1_000_000 + second * 1_000;
  const firstBadMs = bad > 0 ? atMs - 400 : null;
  return { atMs, good, bad, firstBadMs, firstBadStoredMs: bad > 0 ? atMs - 200 : null };
}

function run(observations: Observation[], from: RatioState = initialRatioState(detector)) {
  const signals: { signal: Signal; atMs: number }[] = [];
  let state = from;
  for (const observation of observations) {
    const next = observeRatio(detector, state, observation);
    state = next.state;
    if (next.signal !== 'none') signals.push({ signal: next.signal, atMs: observation.atMs });
  }
  return { state, signals };
}

function seconds(from: number, count: number, good: number, bad: number): Observation[] {
  return Array.from({ length: count }, (_, k) => tick(from + k, good, bad));
}

describe('an outage', () => {
  test('of a service at one request a second alarms once, after it was pending', () => {
    const { signals, state } = run([...seconds(0, 120, 1, 0), ...seconds(120, 15, 0, 1)]);
    expect(signals.map(({ signal }) => signal)).toEqual(['suspicious', 'alarm']);
    expect(state.mode).toBe('alarm');
  });

  test('that half of the traffic survives alarms too', () => {
    const { signals } = run([...seconds(0, 60, 20, 0), ...seconds(60, 15, 10, 10)]);
    expect(signals.at(-1)?.signal).toBe('alarm');
  });

  test('is dated by its first bad event, not by its alarm', () => {
    const { state } = run([...seconds(0, 60, 10, 0), ...seconds(60, 12, 0, 10)]);
    expect(state.current).toMatchObject({ onsetMs: tick(60, 0, 1).firstBadMs, evaluatedMs: tick(60, 0, 1).atMs });
  });

  test('recovers, and can alarm again', () => {
    const outage = seconds(0, 15, 0, 10);
    const { signals } = run([...outage, ...seconds(15, 60, 10, 0), ...seconds(75, 15, 0, 10)]);
    expect(signals.map(({ signal }) => signal)).toEqual(['suspicious', 'alarm', 'recovered', 'suspicious', 'alarm']);
  });
});

describe('no alarm', () => {
  test.each([
    ['a crash of three seconds at 20 requests a second', [...seconds(0, 60, 20, 0), ...seconds(60, 3, 0, 20)]],
    ['a crash of six seconds, breakers included', [...seconds(0, 60, 20, 0), ...seconds(60, 6, 0, 20)]],
    ['all of a minute of failures in one tick', [...seconds(0, 60, 20, 0), tick(60, 0, 1_200)]],
    ['failures that the budget allows', seconds(0, 600, 19, 1)],
    ['no traffic at all', seconds(0, 600, 0, 0)],
  ])('%s', (_, observations) => {
    const { signals } = run([...observations, ...seconds(1_000, 300, 20, 0)]);
    expect(signals.map(({ signal }) => signal)).not.toContain('alarm');
  });

  test('a stray failure after a crash', () => {
    const crash = [...seconds(0, 60, 20, 0), ...seconds(60, 4, 0, 20)];
    const strays = Array.from({ length: 60 }, (_, k) => tick(64 + k, 19, k % 5 === 0 ? 1 : 0));
    expect(run([...crash, ...strays]).signals.map(({ signal }) => signal)).not.toContain('alarm');
  });
});

describe('properties', () => {
  const counts = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 80 });

  test('ticks without events change nothing', () => {
    fc.assert(
      fc.property(counts, fc.nat(79), (rows, at) => {
        const ticks = rows.map(([good, bad], second) => tick(second, good, bad));
        const withGap = [...ticks.slice(0, at), tick(at, 0, 0), ...ticks.slice(at)];
        expect(run(withGap).state).toEqual(run(ticks).state);
      }),
    );
  });

  test('a state that went through JSON goes on exactly as before', () => {
    fc.assert(
      fc.property(counts, fc.nat(79), (rows, cut) => {
        const ticks = rows.map(([good, bad], second) => tick(second, good, bad));
        const first = run(ticks.slice(0, cut));
        const second = run(ticks.slice(cut), JSON.parse(JSON.stringify(first.state)));
        expect([...first.signals, ...second.signals]).toEqual(run(ticks).signals);
      }),
    );
  });

  test('whatever happened before, an alarm ends within 60 good ticks', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 50 }), (rows, volume) => {
        const before = run(rows.map(([good, bad], second) => tick(second, good, bad)));
        const after = run(seconds(rows.length, resolveTicks, volume, 0), before.state);
        expect(after.state.mode).not.toBe('alarm');
      }),
    );
  });

  test('a tick at or below the null ratio never raises the expected evidence', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(7), (share, k) => {
        const { nullRatio, ratios } = detector.above;
        const p = share * nullRatio;
        const q = ratios[k] ?? 1;
        expect((p * q) / nullRatio + ((1 - p) * (1 - q)) / (1 - nullRatio)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});
