import { expect, test } from 'vitest';
import type { SloRow } from '#app/_server/slo-row.ts';
import { nameCsv, parseExportRange, writeCsv } from './_csv.ts';
import {
  findMainCurrency,
  groupFunnel,
  keepMs,
  listComparisons,
  resolveBusinessRange,
  sumFunnel,
  toCourse,
  toTotals,
} from './_figures.ts';
import { findEntrance } from './_slis.ts';

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

test('the day before comes first, then the week before, unless it would overlap the range', () => {
  expect(listComparisons(range).map(({ kind }) => kind)).toEqual(['day-before', 'week-before', 'preceding']);
  expect(listComparisons({ ...range, toMs: t0 + 2 * 86_400_000 })).toEqual([
    { kind: 'week-before', offsetMs: 7 * 86_400_000 },
    { kind: 'preceding', offsetMs: 2 * 86_400_000 },
  ]);
  expect(listComparisons({ ...range, toMs: t0 + 30 * 86_400_000 })).toEqual([
    { kind: 'preceding', offsetMs: 30 * 86_400_000 },
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

test('the file has a line per step, with what customers felt, what was before and what happened', () => {
  const lines = writeCsv({
    business: { course, currency: 'EUR', before: { kind: 'day-before', course: course.toReversed(), totals: null } },
    slis: [{ atMs: t0, checkoutsFailed: 0.25, requestsFailed: 0, p95Ms: 41.5 }],
    marks: [
      { atMs: t0 + 30_000, kind: 'deploy', label: 'cart 1.1.0 deployed', href: null },
      { atMs: t0 + 59_999, kind: 'flag', label: 'flag "x": off → on', href: null },
    ],
    range,
  }).split('\r\n');
  expect(lines).toHaveLength(6);
  const width = lines[0]?.split(',').length;
  expect(lines.slice(0, 5).map((line) => line.split(',').length)).toEqual([width, width, width, width, width]);
  expect(lines[1]).toBe(
    '2025-11-24T16:00:00.000Z,2025-11-24T16:01:00.000Z,4,2,1,0.2500,0.5000,1,1,500,EUR,' +
      '0.2500,0.0000,41.5,day-before,,,2,20,"cart 1.1.0 deployed; flag ""x"": off → on"',
  );
  expect(lines[3]).toBe(
    '2025-11-24T16:02:00.000Z,2025-11-24T16:03:00.000Z,,,,,,,,,,,,,day-before,1.0000,0.0000,2,250,',
  );
  expect(nameCsv(range)).toBe('business-20251124T1600Z-20251124T1604Z.csv');
});

test('figures of a time that is over are kept, those of now are read again within the step', () => {
  expect(keepMs(range, range.toMs + 3_600_000)).toBe(1_800_000);
  expect(keepMs(range, range.toMs + 30_000)).toBe(10_000);
  expect(keepMs({ ...range, stepSeconds: 21_600 }, range.toMs)).toBe(300_000);
});

const slo = (sli: string, objective: number, definition: unknown, service = 'gateway'): SloRow => ({
  id: `${service}/${sli}`,
  service,
  displayName: '',
  sli,
  source: 'spans',
  objective,
  windowDays: 28,
  automatic: false,
  definition,
  owner: null,
  runbook: null,
  status: 'ok',
  good: 0,
  bad: 0,
  lastEventAtMs: null,
  updatedAtMs: null,
});

test('what customers feel is measured where an objective promises checkouts, against its own promises', () => {
  const slos = [
    slo('latency', 0.9, { bad: { thresholdMs: 20 } }, 'orders'),
    slo('latency', 0.95, { bad: { kind: 'slower', thresholdMs: 500 } }),
    slo('checkout', 0.995, { type: 'spans', routes: ['/api/checkout'], methods: ['POST'] }),
  ];
  expect(findEntrance(slos)).toEqual({
    service: 'gateway',
    checkouts: ['POST /api/checkout'],
    promises: { checkoutsFailed: expect.closeTo(0.005), requestsFailed: null, latencyMs: 500 },
  });
  expect(findEntrance(slos.slice(0, 2))).toBeNull();
});

test('only a range that can be read is exported', () => {
  expect(parseExportRange(null)).toEqual({ kind: 'last', preset: '15m' });
  expect(parseExportRange('24h')).toEqual({ kind: 'last', preset: '24h' });
  expect(parseExportRange('2h')).toBeNull();
  expect(parseExportRange(`${t0}-${t0}`)).toBeNull();
});
