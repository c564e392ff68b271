import type { ResolvedRange, TimeRange } from '#app/_live/time-range.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import { type Marker, readChanges, readMarkers } from '#app/_server/markers.ts';
import { readSlos } from '#app/_server/slos.ts';
import type { Sources } from '#app/_server/sources.ts';
import {
  type FunnelRow,
  type OrderStep,
  readOrderSteps,
  readSessions,
  type SessionStep,
} from '#telemetry/queries/funnel';
import { readRed } from '#telemetry/queries/red';
import { nameCsv, writeCsv } from './_csv.ts';
import {
  type Comparison,
  type CoursePoint,
  type FunnelCounts,
  type FunnelGroup,
  findMainCurrency,
  groupFunnel,
  keepMs,
  listComparisons,
  resolveBusinessRange,
  sumFunnel,
  type Totals,
  toCourse,
  toTotals,
} from './_figures.ts';
import { findEntrance, type Promises, type SliPoint, toSliPoints } from './_slis.ts';

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

/** What customers felt at the service that they reach; null where no objective promises checkouts. */
export type Slis = { service: string; points: SliPoint[]; promises: Promises } | null;

export type BusinessData = {
  atMs: number;
  range: ResolvedRange;
  business: Loaded<Business>;
  slis: Loaded<Slis>;
  /** Faults and pages. */
  markers: Loaded<Marker[]>;
  /** Versions and flags. */
  changes: Loaded<Marker[]>;
};

type Events = { funnel: FunnelRow[]; sessions: SessionStep[]; orders: OrderStep[] };

/** All that the store's events say about a range; kept for as long as it cannot have changed much. */
function readEvents({ store, remember, clock }: Sources, range: ResolvedRange): Promise<Events> {
  const key = `business ${range.fromMs} ${range.toMs} ${range.stepSeconds}`;
  return remember(key, keepMs(range, clock()), async () => {
    const [{ funnel, steps }, orders] = await Promise.all([readSessions(store, range), readOrderSteps(store, range)]);
    return { funnel, sessions: steps, orders };
  });
}

/** The first earlier range with any data; its points carry the times of `range`. */
async function readBefore(sources: Sources, range: ResolvedRange, currency: string): Promise<Business['before']> {
  for (const { kind, offsetMs } of listComparisons(range)) {
    const earlier = { ...range, fromMs: range.fromMs - offsetMs, toMs: range.toMs - offsetMs };
    const { funnel, sessions, orders } = await readEvents(sources, earlier);
    if (funnel.length === 0 && orders.length === 0) continue;
    const course = toCourse(sessions, orders, { ...earlier, currency });
    return {
      kind,
      course: course.map((point) => ({ ...point, atMs: point.atMs + offsetMs })),
      totals: toTotals(sumFunnel(funnel), course),
    };
  }
  return { kind: 'none', course: [], totals: null };
}

async function readFigures(sources: Sources, range: ResolvedRange): Promise<Business> {
  const { funnel: rows, sessions, orders } = await readEvents(sources, range);
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

async function readSlis({ prisma, store, remember, clock }: Sources, range: ResolvedRange): Promise<Slis> {
  const entrance = findEntrance(await readSlos(prisma));
  if (entrance === null) return null;
  const { service, checkouts, promises } = entrance;
  const key = `slis ${service} ${range.fromMs} ${range.toMs} ${range.stepSeconds}`;
  const points = await remember(key, keepMs(range, clock()), async () => {
    const [all, paying] = await Promise.all([
      readRed(store, { ...range, service }),
      checkouts.length === 0 ? [] : readRed(store, { ...range, service, operations: checkouts }),
    ]);
    return toSliPoints(all, paying, range);
  });
  return { service, points, promises };
}

/** All that the business page shows; each part fails on its own. */
export async function readBusiness(sources: Sources, timeRange: TimeRange): Promise<BusinessData> {
  const nowMs = sources.clock();
  const range = resolveBusinessRange(timeRange, nowMs);
  const [business, slis, markers, changes] = await Promise.all([
    attempt(readFigures(sources, range)),
    attempt(readSlis(sources, range)),
    attempt(readMarkers(sources.prisma, range)),
    attempt(readChanges(sources.store, range)),
  ]);
  return { atMs: nowMs, range, business, slis, markers, changes };
}

/** The course of the range as a file. @throws when a store does not answer */
export async function exportBusiness(
  sources: Sources,
  timeRange: TimeRange,
): Promise<{ fileName: string; text: string }> {
  const range = resolveBusinessRange(timeRange, sources.clock());
  const [business, slis, markers, changes] = await Promise.all([
    readFigures(sources, range),
    readSlis(sources, range),
    readMarkers(sources.prisma, range),
    readChanges(sources.store, range),
  ]);
  const text = writeCsv({ business, slis: slis?.points ?? [], marks: [...markers, ...changes], range });
  return { fileName: nameCsv(range), text };
}
