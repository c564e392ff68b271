import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextDelayMs } from './backoff.ts';

test.each([
  [1, 500],
  [2, 1_000],
  [3, 2_000],
  [7, 30_000],
  [5_000, 30_000],
])('after %i deaths in a row the middle of the delay is %i ms', (failures, expected) => {
  expect(nextDelayMs(failures, 0.5)).toBe(expected);
});

test('jitter stays within a quarter either way, and never shortens the delay below the range of the death before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
      const middle = nextDelayMs(failures, 0.5);
      const delay = nextDelayMs(failures, random);
      expect(delay).toBeGreaterThanOrEqual(Math.round(middle * 0.75));
      expect(delay).toBeLessThanOrEqual(Math.round(middle * 1.25));
    }),
  );
});
