import { expect, test } from 'vitest';
import { parseDurationMs } from './duration.ts';

test.each([
  ['300s', 300_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['90', 90_000],
  ['soon', undefined],
  ['-5s', undefined],
  ['5 days', undefined],
  ['', undefined],
])('%j is %s ms', (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected);
});
