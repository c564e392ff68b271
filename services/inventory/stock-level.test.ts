import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { becameLow, mergeLines, stockStatus } from './stock-level.ts';

describe('mergeLines', () => {
  const line = fc.record({
    sku: fc.constantFrom<string[]>('A', 'B', 'C', 'D'),
    quantity: fc.integer({ min: 1, max: 9 }),
  });

  it('keeps the pieces of every SKU, names each once, and always in the same order', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const merged = mergeLines(lines);
        const pieces = (of: typeof lines, sku: string): number =>
          of.filter((one) => one.sku === sku).reduce((sum, one) => sum + one.quantity, 0);
        for (const sku of ['A', 'B', 'C', 'D']) expect(pieces(merged, sku)).toBe(pieces(lines, sku));
        expect(merged.map(({ sku }) => sku)).toEqual([...new Set(lines.map(({ sku }) => sku))].sort());
        expect(mergeLines([...lines].reverse())).toEqual(merged);
      }),
    );
  });
});

describe('stock levels', () => {
  it.each([
    [60, 'in_stock'],
    [13, 'in_stock'],
    [12, 'low'],
    [1, 'low'],
    [0, 'out_of_stock'],
  ] as const)('%i pieces are %s', (available, status) => {
    expect(stockStatus(available)).toBe(status);
  });

  it('becomes low once on the way down, whatever the steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (steps) => {
        let left = 60;
        let times = 0;
        for (const taken of steps) {
          if (left - taken < 0) continue;
          left -= taken;
          if (becameLow({ availableAfter: left, taken })) times += 1;
        }
        expect(times).toBe(stockStatus(left) === 'in_stock' ? 0 : 1);
      }),
    );
  });
});
