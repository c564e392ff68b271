import { expect, test } from 'vitest';
import { nameCsv, parseExportRange, writeCsv } from './_csv.ts';
import {
  findMainCurrency,
  groupFunnel,
  listComparisons,
  resolveBusinessRange,
  sumFunnel,
  toCourse,
  toTotals,
} from './_figures.ts';

const t0 = 1_764_000_000_000;
const minuteMs = 60_000;
const range = { fromMs: t0, toMs: t0 + 4 * minuteMs, stepSeconds: 60 };
const none = { viewed: 0, carts: 0, checkouts: 0, paid: 0 };
const sessions = [
  { bucketMs: t0, sessions: 4, carts: 2, paid: 1 },
  { bucketMs: t0 + minuteMs, sessions: 1, carts: 1, paid: 2 },
];
const orders = [
  { bucketMs: t0, currency: 'EUR', orders: 1, revenueMinor: 500 },
  { bucketMs: t0 + minuteMs, currency: 'CHF', orders: 1, revenueMinor: 900 },
  { bucketMs: t0 + minuteMs, currency: 'EUR', orders: 1, revenueMinor: 250 },
  { bucketMs: t0 + 3 * minuteMs, currency: 'EUR', orders: 2, revenueMinor: 20 },
];
const course = toCourse(sessions, orders, { ...range, currency: 'EUR' });

test('a range has whole steps of a minute or more, and never one that is not over', () => {
  const nowMs = t0 + 10 * minuteMs + 31_000;
  expect(resolveBusinessRange({ kind: 'last', preset: '5m' }, nowMs)).toEqual({
    fromMs: t0 + 5 * minuteMs,
    toMs: t0 + 10 * minuteMs,
    stepSeconds: 60,
  });
  const short = { kind: 'between', fromMs: t0 + 70_000, toMs: t0 + 100_000 } as const;
  expect(resolveBusinessRange(short, nowMs)).toMatchObject({ fromMs: t0 + minuteMs, toMs: t0 + 2 * minuteMs });
  const running = { kind: 'between', fromMs: nowMs - 20_000, toMs: nowMs } as const;
  expect(resolveBusinessRange(running, nowMs)).toMatchObject({ fromMs: t0 + 9 * minuteMs, toMs: t0 + 10 * minuteMs });
});

test('the day before comes first, unless it would overlap the range', () => {
  expect(listComparisons(range).map(({ kind }) => kind)).toEqual(['day-before', 'preceding']);
  expect(listComparisons({ ...range, toMs: t0 + 2 * 86_400_000 })).toEqual([
    { kind: 'preceding', offsetMs: 2 * 86_400_000 },
  ]);
});

test('groups are summed by name, the largest first, and say when no event named them', () => {
  const rows = [
    { device: '', channel: 'web', browsed: 1, ...none },
    { device: 'phone', channel: 'app', browsed: 2, ...none, viewed: 2 },
    { device: 'phone', channel: 'web', browsed: 3, ...none, viewed: 1 },
  ];
  expect(groupFunnel(rows, 'device').map(({ name, browsed, viewed }) => [name, browsed, viewed])).toEqual([
    ['phone', 5, 3],
    ['not named', 1, 0],
  ]);
  expect(sumFunnel(rows)).toMatchObject({ browsed: 6, viewed: 3 });
});

test('shares stay between 0 and 1, a step without an event is a gap, money is of one currency', () => {
  expect(findMainCurrency(orders)).toBe('EUR');
  expect(course.map((point) => [point.conversion, point.abandonment, point.orders, point.revenueMinor])).toEqual([
    [0.25, 0.5, 1, 500],
    [1, 0, 2, 250],
    [null, null, null, null],
    [null, null, 2, 20],
  ]);
});

test('nothing is divided by nothing', () => {
  expect(toTotals({ browsed: 0, ...none }, [])).toEqual({
    conversion: null,
    abandonment: null,
    orders: 0,
    revenueMinor: 0,
  });
  expect(toTotals({ browsed: 10, ...none, carts: 4, paid: 1 }, course)).toEqual({
    conversion: 0.1,
    abandonment: 0.75,
    orders: 5,
    revenueMinor: 770,
  });
});

test('the file has a line per step, with nothing where nothing is known', () => {
  const lines = writeCsv(course, 60, 'EUR').split('\r\n');
  expect(lines).toHaveLength(6);
  expect(lines[1]).toBe('2025-11-24T16:00:00.000Z,2025-11-24T16:01:00.000Z,4,2,1,0.2500,0.5000,1,1,500,EUR');
  expect(lines[3]).toBe('2025-11-24T16:02:00.000Z,2025-11-24T16:03:00.000Z,,,,,,,,,');
  expect(nameCsv(range)).toBe('business-20251124T1600Z-20251124T1604Z.csv');
});

test('only a range that can be read is exported', () => {
  expect(parseExportRange(null)).toEqual({ kind: 'last', preset: '15m' });
  expect(parseExportRange('24h')).toEqual({ kind: 'last', preset: '24h' });
  expect(parseExportRange('2h')).toBeNull();
  expect(parseExportRange(`${t0}-${t0}`)).toBeNull();
});
