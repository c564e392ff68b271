import { describe, expect, it } from 'vitest';
import { changeLoad, effectiveRate, type Load, type LoadRequest, viewLoad } from './load.ts';

const normal: Load = { ratePerSecond: 20, flashSale: null };
const sale: Load = { ratePerSecond: 20, flashSale: { fromMs: 0, untilMs: 60_000 } };
const from = (untilMs: number): Load => ({ ratePerSecond: 20, flashSale: { fromMs: 1_000, untilMs } });

describe('the load', () => {
  it.each<[string, Load, LoadRequest, Load]>([
    ['a new rate', normal, { ratePerSecond: 5 }, { ratePerSecond: 5, flashSale: null }],
    ['a flash sale', normal, { mode: 'flash-sale', forSeconds: 30 }, from(31_000)],
    ['a flash sale of no given length', normal, { mode: 'flash-sale' }, from(121_000)],
    ['another rate during a sale', sale, { ratePerSecond: 10 }, { ...sale, ratePerSecond: 10 }],
    ['the end of a sale', sale, { mode: 'normal' }, normal],
    ['nothing', sale, {}, sale],
  ])('changes by %s', (_name, load, request, expected) => {
    expect(changeLoad(load, request, 1_000)).toEqual(expected);
  });

  it('rises in a flash sale to five times as much, and falls by itself', () => {
    const times = [0, 7_500, 15_000, 30_000, 45_000, 52_500, 60_000, 90_000];
    expect(times.map((nowMs) => effectiveRate(sale, nowMs))).toEqual([20, 60, 100, 100, 100, 60, 20, 20]);
    const short = { ...sale, flashSale: { fromMs: 0, untilMs: 4_000 } };
    expect([500, 1_000, 3_000, 3_500].map((nowMs) => effectiveRate(short, nowMs))).toEqual([60, 100, 100, 60]);
    expect(viewLoad(sale, 30_000)).toEqual({
      ratePerSecond: 20,
      mode: 'flash-sale',
      until: '1970-01-01T00:01:00.000Z',
      effectiveRatePerSecond: 100,
    });
    expect(viewLoad(sale, 60_000)).toMatchObject({ mode: 'normal', until: null, effectiveRatePerSecond: 20 });
  });
});
