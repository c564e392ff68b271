import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatRange, parseRange, presets, resolveRange } from './time-range.ts';

it('a range survives the URL', () => {
  for (const preset of presets) expect(formatRange(parseRange(preset))).toBe(preset);
  const between = '1764000000000-1764000600000';
  expect(formatRange(parseRange(between))).toBe(between);
});

it.each(['', null, undefined, '7y', '5-1', '1764000600000-1764000000000', '1-9999999999999', 'constructor'])(
  'a range that makes no sense (%s) is the last 15 minutes',
  (text) => {
    expect(formatRange(parseRange(text))).toBe('15m');
  },
);

it('bounds are aligned to the step, cover the range and give at most 151 points', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
      fc.integer({ min: 10_000, max: 31 * 86_400_000 }),
      (fromMs, lengthMs) => {
        const range = parseRange(`${fromMs}-${fromMs + lengthMs}`);
        const resolved = resolveRange(range, 0);
        const stepMs = resolved.stepSeconds * 1000;
        expect(resolved.fromMs % stepMs).toBe(0);
        expect(resolved.toMs % stepMs).toBe(0);
        expect(resolved.toMs - resolved.fromMs).toBeGreaterThanOrEqual(lengthMs);
        expect((resolved.toMs - resolved.fromMs) / stepMs).toBeLessThanOrEqual(151);
      },
    ),
  );
});
