import { type ResolvedRange, resolveRange, type TimeRange } from '#app/_live/time-range.ts';
import { type FaultRow, toFaultRow } from '#app/_server/faults.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import { type Marker, readChanges, readMarkers } from '#app/_server/markers.ts';
import { type RedPoint, toRedPoints } from '#app/_server/red.ts';
import type { SloRow } from '#app/_server/slo-row.ts';
import { readSlos } from '#app/_server/slos.ts';
import type { Sources } from '#app/_server/sources.ts';
import { type TraceRow, toTraceRow } from '#app/_server/trace-row.ts';
import { readEdges } from '#telemetry/queries/edges';
import { readRed } from '#telemetry/queries/red';
import { findTraces } from '#telemetry/queries/traces';
import { readHead, type ServiceHead } from './_head.ts';

/** A neighbour on the service map, over the range. */
export type Dependency = { service: string; calls: number; errorShare: number; p95Ms: number };

export type ServiceControl = { slos: SloRow[]; faults: FaultRow[]; markers: Marker[] };

export type ServiceData = {
  atMs: number;
  name: string;
  range: ResolvedRange;
  head: ServiceHead;
  control: Loaded<ServiceControl>;
  changes: Loaded<Marker[]>;
  red: Loaded<RedPoint[]>;
  dependencies: Loaded<{ callers: Dependency[]; callees: Dependency[] }>;
  traces: Loaded<{ slowest: TraceRow[]; failing: TraceRow[] }>;
};

async function readControl({ prisma }: Sources, name: string, range: ResolvedRange): Promise<ServiceControl> {
  const [slos, faults, markers] = await Promise.all([
    readSlos(prisma, name),
    prisma.fault.findMany({ where: { service: name }, orderBy: { firingAt: 'desc' }, take: 5 }),
    readMarkers(prisma, range),
  ]);
  return { slos, faults: faults.map(toFaultRow), markers };
}

async function readDependencies(
  { store }: Sources,
  name: string,
  { fromMs, toMs }: ResolvedRange,
): Promise<{ callers: Dependency[]; callees: Dependency[] }> {
  const edges = await readEdges(store, { fromMs, toMs });
  const toDependency = (service: string, edge: (typeof edges)[number]): Dependency => ({
    service,
    calls: edge.calls,
    errorShare: edge.calls === 0 ? 0 : edge.errors / edge.calls,
    p95Ms: edge.p95Ms,
  });
  const byName = (a: Dependency, b: Dependency): number => a.service.localeCompare(b.service);
  return {
    callers: edges
      .filter((edge) => edge.callee === name)
      .map((edge) => toDependency(edge.caller, edge))
      .sort(byName),
    callees: edges
      .filter((edge) => edge.caller === name)
      .map((edge) => toDependency(edge.callee, edge))
      .sort(byName),
  };
}

async function readTraces(
  { store }: Sources,
  name: string,
  { fromMs, toMs }: ResolvedRange,
): Promise<{ slowest: TraceRow[]; failing: TraceRow[] }> {
  const common = { service: name, fromMs, toMs, limit: 10 };
  const [slowest, failing] = await Promise.all([
    findTraces(store, { ...common, order: 'slowest' }),
    findTraces(store, { ...common, order: 'newest', onlyErrors: true }),
  ]);
  return { slowest: slowest.map(toTraceRow), failing: failing.map(toTraceRow) };
}

/** All that a service's page shows; each part fails on its own. */
export async function readService(sources: Sources, name: string, timeRange: TimeRange): Promise<ServiceData> {
  const nowMs = sources.clock();
  const range = resolveRange(timeRange, nowMs);
  const [head, control, changes, red, dependencies, traces] = await Promise.all([
    readHead(sources, name),
    attempt(readControl(sources, name, range)),
    attempt(readChanges(sources.store, range)),
    attempt(readRed(sources.store, { service: name, ...range }).then((buckets) => toRedPoints(buckets, range))),
    attempt(readDependencies(sources, name, range)),
    attempt(readTraces(sources, name, range)),
  ]);
  return { atMs: nowMs, name, range, head, control, changes, red, dependencies, traces };
}
