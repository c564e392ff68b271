import type { ResolvedRange, TimeRange } from '#app/_live/time-range.ts';
import { type Marker, readMarkers } from '#app/_server/injections.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { Sources } from '#app/_server/sources.ts';
import {
  type OrderStep,
  readFunnel,
  readOrderSteps,
  readSessionSteps,
  type SessionStep,
} from '#telemetry/queries/funnel';
import { nameCsv, writeCsv } from './_csv.ts';
import {
  type Comparison,
  type CoursePoint,
  type FunnelCounts,
  type FunnelGroup,
  findMainCurrency,
  groupFunnel,
  listComparisons,
  resolveBusinessRange,
  sumFunnel,
  type Totals,
  toCourse,
  toTotals,
} from './_figures.ts';

/** What sessions did and what was sold in the range. */
export type Business = {
  currency: string;
  /** Orders in other currencies, whose money is not in the revenue. */
  foreignOrders: number;
  funnel: FunnelCounts;
  devices: FunnelGroup[];
  channels: FunnelGroup[];
  course: CoursePoint[];
  totals: Totals;
  before: { kind: Comparison; course: CoursePoint[]; totals: Totals | null };
};

export type BusinessData = {
  atMs: number;
  range: ResolvedRange;
  business: Loaded<Business>;
  markers: Loaded<Marker[]>;
};

type Steps = { sessions: SessionStep[]; orders: OrderStep[] };

async function readSteps({ store }: Sources, range: ResolvedRange): Promise<Steps> {
  const [sessions, orders] = await Promise.all([readSessionSteps(store, range), readOrderSteps(store, range)]);
  return { sessions, orders };
}

/** The first earlier range with any data; its points carry the times of `range`. */
async function readBefore(sources: Sources, range: ResolvedRange, currency: string): Promise<Business['before']> {
  for (const { kind, offsetMs } of listComparisons(range)) {
    const earlier = { ...range, fromMs: range.fromMs - offsetMs, toMs: range.toMs - offsetMs };
    const [steps, funnel] = await Promise.all([readSteps(sources, earlier), readFunnel(sources.store, earlier)]);
    if (funnel.length === 0 && steps.orders.length === 0) continue;
    const course = toCourse(steps.sessions, steps.orders, { ...earlier, currency });
    return {
      kind,
      course: course.map((point) => ({ ...point, atMs: point.atMs + offsetMs })),
      totals: toTotals(sumFunnel(funnel), course),
    };
  }
  return { kind: 'none', course: [], totals: null };
}

async function readFigures(sources: Sources, range: ResolvedRange): Promise<Business> {
  const [rows, { sessions, orders }] = await Promise.all([readFunnel(sources.store, range), readSteps(sources, range)]);
  const currency = findMainCurrency(orders);
  const funnel = sumFunnel(rows);
  const course = toCourse(sessions, orders, { ...range, currency });
  const foreign = orders.filter((step) => step.currency !== currency);
  return {
    currency,
    foreignOrders: foreign.reduce((total, step) => total + step.orders, 0),
    funnel,
    devices: groupFunnel(rows, 'device'),
    channels: groupFunnel(rows, 'channel'),
    course,
    totals: toTotals(funnel, course),
    before: await readBefore(sources, range, currency),
  };
}

/** All that the business page shows; each part fails on its own. */
export async function readBusiness(sources: Sources, timeRange: TimeRange): Promise<BusinessData> {
  const nowMs = sources.clock();
  const range = resolveBusinessRange(timeRange, nowMs);
  const [business, markers] = await Promise.all([
    attempt(readFigures(sources, range)),
    attempt(readMarkers(sources.prisma, range)),
  ]);
  return { atMs: nowMs, range, business, markers };
}

/** The course of the range as a file. @throws when the telemetry store does not answer */
export async function exportBusiness(
  sources: Sources,
  timeRange: TimeRange,
): Promise<{ fileName: string; text: string }> {
  const range = resolveBusinessRange(timeRange, sources.clock());
  const { sessions, orders } = await readSteps(sources, range);
  const currency = findMainCurrency(orders);
  const course = toCourse(sessions, orders, { ...range, currency });
  return { fileName: nameCsv(range), text: writeCsv(course, range.stepSeconds, currency) };
}
