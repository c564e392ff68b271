import { describe, expect, it } from 'vitest';
import { changeLoad, effectiveRate, type Load, type LoadRequest, viewLoad } from './load.ts';

const normal: Load = { ratePerSecond: 20, flashSaleUntilMs: null };
const sale: Load = { ratePerSecond: 20, flashSaleUntilMs: 60_000 };

describe('the load', () => {
  it.each<[string, Load, LoadRequest, Load]>([
    ['a new rate', normal, { ratePerSecond: 5 }, { ratePerSecond: 5, flashSaleUntilMs: null }],
    ['a flash sale', normal, { mode: 'flash-sale', forSeconds: 30 }, { ratePerSecond: 20, flashSaleUntilMs: 31_000 }],
    [
      'a flash sale of no given length',
      normal,
      { mode: 'flash-sale' },
      { ratePerSecond: 20, flashSaleUntilMs: 121_000 },
    ],
    ['another rate during a sale', sale, { ratePerSecond: 10 }, { ratePerSecond: 10, flashSaleUntilMs: 60_000 }],
    ['the end of a sale', sale, { mode: 'normal' }, normal],
    ['nothing', sale, {}, sale],
  ])('changes by %s', (_name, load, request, expected) => {
    expect(changeLoad(load, request, 1_000)).toEqual(expected);
  });

  it('is five times as much in a flash sale, which ends by itself', () => {
    expect([59_999, 60_000].map((nowMs) => effectiveRate(sale, nowMs))).toEqual([100, 20]);
    expect(viewLoad(sale, 1_000)).toEqual({
      ratePerSecond: 20,
      mode: 'flash-sale',
      until: '1970-01-01T00:01:00.000Z',
      effectiveRatePerSecond: 100,
    });
    expect(viewLoad(sale, 60_000)).toMatchObject({ mode: 'normal', until: null, effectiveRatePerSecond: 20 });
  });
});
