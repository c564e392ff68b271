import { expect, test } from 'vitest';
import { isDueEarly, jitteredMs } from './expiry.ts';

const expiresMs = 100_000;

/** How many of a thousand evenly spread draws renew an entry that ends in `leftMs` and took `loadMs` to load. */
function dueShare(leftMs: number, loadMs: number): number {
  const draws = Array.from({ length: 1_000 }, (_, index) => index / 1_000);
  return (
    draws.filter((draw) => isDueEarly({ nowMs: expiresMs - leftMs, expiresMs, loadMs }, () => draw)).length / 1_000
  );
}

test.each([
  { leftMs: 0, loadMs: 0, share: 1 },
  { leftMs: 1, loadMs: 0, share: 0 },
  { leftMs: 100, loadMs: 100, share: Math.exp(-1) },
  { leftMs: 300, loadMs: 100, share: Math.exp(-3) },
  { leftMs: 60_000, loadMs: 100, share: 0 },
])('with $leftMs ms left of what took $loadMs ms to load, exp(-left/load) of the callers renew it', (row) => {
  expect(dueShare(row.leftMs, row.loadMs)).toBeCloseTo(row.share, 2);
});

test('jitter only ever shortens a time to live, by a tenth at most', () => {
  expect(jitteredMs(60, () => 0)).toBe(60_000);
  expect(jitteredMs(60, () => 0.5)).toBe(57_000);
  expect(jitteredMs(60, () => 1 - Number.EPSILON)).toBeGreaterThanOrEqual(54_000);
});
