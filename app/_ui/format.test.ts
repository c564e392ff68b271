import { expect, it } from 'vitest';
import * as format from './format.ts';

it.each([
  [0.84, '0.8 ms'],
  [9.99, '10.0 ms'],
  [340, '340 ms'],
  [999.9, '1.0 s'],
  [1_234, '1.2 s'],
  [9_990, '10 s'],
  [59_600, '1 m'],
  [80_000, '1 m 20 s'],
  [7_500_000, '2 h 5 m'],
  [273_600_000, '3 d 4 h'],
])('a duration of %d ms reads "%s"', (ms, text) => {
  expect(format.formatDuration(ms)).toBe(text);
});

it.each([
  [0, '0 %'],
  [0.00001, '< 0.01 %'],
  [0.0002, '0.02 %'],
  [0.041, '4.1 %'],
  [0.874, '87 %'],
  [0.9991, '99.91 %'],
  [1, '100 %'],
])('a share of %d reads "%s"', (share, text) => {
  expect(format.formatShare(share)).toBe(text);
});

it('an objective is not rounded away', () => {
  expect(format.formatObjective(0.999)).toBe('99.9 %');
  expect(format.formatObjective(0.995)).toBe('99.5 %');
});

it('money keeps its currency and its own number of decimals', () => {
  expect(format.formatMoney(123_450, 'EUR')).toBe('€1,234.50');
  expect(format.formatMoney(5_000, 'JPY')).toContain('5,000');
});

it('an instant reads in UTC when asked to', () => {
  expect(format.formatTime(Date.UTC(2026, 10, 23, 7, 5, 9), { utc: true, style: 'clock' })).toBe('07:05:09');
  expect(format.formatTime(Date.UTC(2026, 10, 23, 7, 5, 9), { utc: true, style: 'exact' })).toContain('2026');
});
