import { type ResolvedRange, resolveRange, type TimeRange } from '#app/_live/time-range.ts';
import type { FunnelRow, OrderStep, SessionStep } from '#telemetry/queries/funnel';

/** Sessions that came at least as far as each step. */
export type FunnelCounts = Pick<FunnelRow, 'browsed' | 'viewed' | 'carts' | 'checkouts' | 'paid'>;

export type FunnelGroup = FunnelCounts & { name: string };

/** What the figures of the range are compared with. */
export type Comparison = 'day-before' | 'week-before' | 'preceding' | 'none';

/** One step of time; null where nothing was recorded or nothing can be divided by. */
export type CoursePoint = {
  atMs: number;
  sessions: number | null;
  carts: number | null;
  paid: number | null;
  /** Paid sessions to sessions that began in the step, at most 1. */
  conversion: number | null;
  /** One less paid sessions to carts first filled in the step, at least 0. */
  abandonment: number | null;
  orders: number | null;
  perMinute: number | null;
  revenueMinor: number | null;
};

export type Totals = {
  conversion: number | null;
  abandonment: number | null;
  orders: number;
  revenueMinor: number;
};

const shortestStepSeconds = 60;
const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/** Events that come later than this are rare. */
const settledMs = 10 * 60_000;
const settledKeepMs = 30 * 60_000;
const longestKeepMs = 5 * 60_000;

/** Bounds of whole steps of a minute or more that are over at `nowMs`, so that no last step looks like a loss. */
export function resolveBusinessRange(range: TimeRange, nowMs: number): ResolvedRange {
  const resolved = resolveRange(range, nowMs);
  const stepSeconds = Math.max(shortestStepSeconds, resolved.stepSeconds);
  const stepMs = stepSeconds * 1_000;
  const lastMs = Math.floor(nowMs / stepMs) * stepMs;
  const endMs = range.kind === 'last' ? Math.floor(resolved.toMs / stepMs) : Math.ceil(resolved.toMs / stepMs);
  const toMs = Math.min(endMs * stepMs, lastMs);
  const lengthMs = Math.ceil((resolved.toMs - resolved.fromMs) / stepMs) * stepMs;
  const fromMs = range.kind === 'last' ? toMs - lengthMs : Math.floor(resolved.fromMs / stepMs) * stepMs;
  return { fromMs: Math.min(fromMs, toMs - stepMs), toMs, stepSeconds };
}

/** The ranges to compare with, best first: the same time a day or a week before, unless it overlaps; the range just before. */
export function listComparisons(range: ResolvedRange): { kind: Comparison; offsetMs: number }[] {
  const lengthMs = range.toMs - range.fromMs;
  return [
    ...(lengthMs <= dayMs ? [{ kind: 'day-before' as const, offsetMs: dayMs }] : []),
    ...(lengthMs <= weekMs ? [{ kind: 'week-before' as const, offsetMs: weekMs }] : []),
    { kind: 'preceding' as const, offsetMs: lengthMs },
  ];
}

/** For how long figures of a range hold: those of a time that is over for a while hardly change, the newest do. */
export function keepMs({ toMs, stepSeconds }: ResolvedRange, nowMs: number): number {
  if (nowMs - toMs > settledMs) return settledKeepMs;
  return Math.min(longestKeepMs, (stepSeconds * 1_000) / 6);
}

/** Adds up all rows of the funnel. */
export function sumFunnel(rows: readonly FunnelCounts[]): FunnelCounts {
  const sum = (step: keyof FunnelCounts): number => rows.reduce((total, row) => total + row[step], 0);
  return {
    browsed: sum('browsed'),
    viewed: sum('viewed'),
    carts: sum('carts'),
    checkouts: sum('checkouts'),
    paid: sum('paid'),
  };
}

/** The funnel of each device or channel, the largest first; '' is `not named`. */
export function groupFunnel(rows: readonly FunnelRow[], by: 'device' | 'channel'): FunnelGroup[] {
  const names = [...new Set(rows.map((row) => row[by]))];
  return names
    .map((name) => ({
      ...sumFunnel(rows.filter((row) => row[by] === name)),
      name: name === '' ? 'not named' : name,
    }))
    .sort((a, b) => b.browsed - a.browsed || a.name.localeCompare(b.name));
}

/** A share, or null where there is nothing to take it of. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** The currency with the most orders; EUR when there was no order. */
export function findMainCurrency(orders: readonly OrderStep[]): string {
  const counts = new Map<string, number>();
  for (const step of orders) {
    if (/^[A-Z]{3}$/.test(step.currency)) {
      counts.set(step.currency, (counts.get(step.currency) ?? 0) + step.orders);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'EUR';
}

/** Lays what was read on every step of the range. Revenue is that of `currency` alone; orders are all. */
export function toCourse(
  sessions: readonly SessionStep[],
  orders: readonly OrderStep[],
  { fromMs, toMs, stepSeconds, currency }: ResolvedRange & { currency: string },
): CoursePoint[] {
  const byStep = new Map(sessions.map((step) => [step.bucketMs, step]));
  const salesByStep = Map.groupBy(orders, ({ bucketMs }) => bucketMs);
  const points: CoursePoint[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepSeconds * 1_000) {
    const visit = byStep.get(atMs);
    const sales = salesByStep.get(atMs) ?? [];
    const seen = visit !== undefined || sales.length > 0;
    const count = sales.reduce((total, step) => total + step.orders, 0);
    const money = sales.reduce((total, step) => total + (step.currency === currency ? step.revenueMinor : 0), 0);
    const conversion = shareOf(visit?.paid ?? 0, visit?.sessions ?? 0);
    const paidCarts = shareOf(visit?.paid ?? 0, visit?.carts ?? 0);
    points.push({
      atMs,
      sessions: visit?.sessions ?? null,
      carts: visit?.carts ?? null,
      paid: visit?.paid ?? null,
      conversion: conversion === null ? null : Math.min(1, conversion),
      abandonment: paidCarts === null ? null : Math.max(0, 1 - paidCarts),
      orders: seen ? count : null,
      perMinute: seen ? count / (stepSeconds / 60) : null,
      revenueMinor: seen ? money : null,
    });
  }
  return points;
}

/** The figures of a whole range: shares of sessions and carts, sums of orders and money. */
export function toTotals(funnel: FunnelCounts, course: readonly CoursePoint[]): Totals {
  const paidCarts = shareOf(funnel.paid, funnel.carts);
  return {
    conversion: shareOf(funnel.paid, funnel.browsed),
    abandonment: paidCarts === null ? null : 1 - paidCarts,
    orders: course.reduce((total, point) => total + (point.orders ?? 0), 0),
    revenueMinor: course.reduce((total, point) => total + (point.revenueMinor ?? 0), 0),
  };
}
