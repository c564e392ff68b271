import { type ResolvedRange, resolveRange, type TimeRange } from '#app/_live/time-range.ts';
import { type FaultRow, readLatestFaults, readOpenFaults } from '#app/_server/faults.ts';
import { type InjectionRow, readActiveInjections } from '#app/_server/injections.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import { type Marker, readChanges, readMarkers } from '#app/_server/markers.ts';
import { type RedPoint, toRedPoints } from '#app/_server/red.ts';
import type { SloRow } from '#app/_server/slo-row.ts';
import { readSlos } from '#app/_server/slos.ts';
import type { Sources } from '#app/_server/sources.ts';
import { readOrderSteps } from '#telemetry/queries/funnel';
import { readRed, readServices } from '#telemetry/queries/red';
import { findMainCurrency } from '../business/_figures.ts';

/** A service over the last minute, null where it answered nothing, with its recent course. */
export type ServiceSummary = {
  service: string;
  perSecond: number | null;
  errorShare: number | null;
  p95Ms: number | null;
  points: RedPoint[];
};

/** A whole minute of business; null where nothing was recorded. */
export type BusinessPoint = {
  atMs: number;
  orders: number | null;
  revenueMinor: number | null;
};

export type OverviewControl = {
  open: FaultRow[];
  recent: FaultRow[];
  slos: SloRow[];
  sloErrors: { file: string; line: number; message: string }[];
  injections: InjectionRow[];
  markers: Marker[];
};

/** What people decide by: faults, objectives, injections. Read from the control database alone. */
export type OverviewData = { atMs: number; control: Loaded<OverviewControl> };

/** What the telemetry store knows of the range. */
export type FiguresData = {
  atMs: number;
  range: ResolvedRange;
  services: Loaded<ServiceSummary[]>;
  business: Loaded<{ currency: string; points: BusinessPoint[] }>;
  changes: Loaded<Marker[]>;
};

const minuteMs = 60_000;

async function readControl({ prisma }: Sources, range: ResolvedRange, nowMs: number): Promise<OverviewControl> {
  const [open, latest, slos, sloErrors, injections, markers] = await Promise.all([
    readOpenFaults(prisma),
    readLatestFaults(prisma, 20),
    readSlos(prisma),
    prisma.sloError.findMany({ orderBy: { file: 'asc' }, take: 20 }),
    readActiveInjections(prisma),
    readMarkers(prisma, { fromMs: range.fromMs, toMs: Math.max(range.toMs, nowMs) }),
  ]);
  return {
    open,
    recent: latest.filter((fault) => fault.state === 'resolved').slice(0, 3),
    slos,
    sloErrors: sloErrors.map(({ file, line, message }) => ({ file, line, message })),
    injections,
    markers,
  };
}

async function readServiceSummaries(
  { store }: Sources,
  range: ResolvedRange,
  nowMs: number,
): Promise<ServiceSummary[]> {
  const [services, buckets] = await Promise.all([
    readServices(store, { fromMs: nowMs - minuteMs, toMs: nowMs }),
    readRed(store, range),
  ]);
  const names = new Set([...services.map(({ service }) => service), ...buckets.map(({ service }) => service)]);
  return [...names].sort().map((service) => {
    const now = services.find((row) => row.service === service);
    return {
      service,
      perSecond: now?.ratePerSecond ?? null,
      errorShare: now?.errorShare ?? null,
      p95Ms: now?.p95Ms ?? null,
      points: toRedPoints(
        buckets.filter((bucket) => bucket.service === service),
        range,
      ),
    };
  });
}

async function readBusiness(
  { store }: Sources,
  range: ResolvedRange,
  nowMs: number,
): Promise<{ currency: string; points: BusinessPoint[] }> {
  const fromMs = Math.floor(range.fromMs / minuteMs) * minuteMs;
  const toMs = Math.floor(Math.min(Math.max(range.toMs, fromMs + minuteMs), nowMs) / minuteMs) * minuteMs;
  const steps = await readOrderSteps(store, { fromMs, toMs, stepSeconds: minuteMs / 1_000 });
  const currency = findMainCurrency(steps);
  const byMinute = Map.groupBy(steps, ({ bucketMs }) => bucketMs);
  const points: BusinessPoint[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) {
    const sales = byMinute.get(atMs);
    const sum = (key: 'orders' | 'revenueMinor', of: string | null): number | null =>
      sales?.reduce((total, step) => total + (of === null || step.currency === of ? step[key] : 0), 0) ?? null;
    points.push({ atMs, orders: sum('orders', null), revenueMinor: sum('revenueMinor', currency) });
  }
  return { currency, points };
}

/** The overview's faults and objectives; a topic of its own, so that bad news never waits for the telemetry store. */
export async function readOverview(sources: Sources, range: TimeRange): Promise<OverviewData> {
  const nowMs = sources.clock();
  return { atMs: nowMs, control: await attempt(readControl(sources, resolveRange(range, nowMs), nowMs)) };
}

/** The overview's tables and charts; each part fails on its own. */
export async function readFigures(sources: Sources, range: TimeRange): Promise<FiguresData> {
  const nowMs = sources.clock();
  const resolved = resolveRange(range, nowMs);
  const [services, business, changes] = await Promise.all([
    attempt(readServiceSummaries(sources, resolved, nowMs)),
    attempt(readBusiness(sources, resolved, nowMs)),
    attempt(readChanges(sources.store, resolved)),
  ]);
  return { atMs: nowMs, range: resolved, services, business, changes };
}
