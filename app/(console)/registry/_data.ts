import type { CatalogProblem } from '#app/_catalog/entity.ts';
import { type Catalog, createEmptyRecord, type ServiceRecord } from '#app/_catalog/service-record.ts';
import { countExamples } from '#app/_openapi/read-api.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { SloRow } from '#app/_server/slo-row.ts';
import { readSlos } from '#app/_server/slos.ts';
import type { Sources } from '#app/_server/sources.ts';
import { type Health, judgeHealth } from '#app/_ui/health.ts';
import { drills } from '#chaos/drills/catalogue';
import { readServiceVersions, type ServiceVersion } from '#telemetry/queries/changes';
import { type Edge, readEdges } from '#telemetry/queries/edges';
import { type Check, type Facts, scoreService } from './_scorecard.ts';

export type RegistryRow = Pick<ServiceRecord, 'name' | 'title' | 'owner' | 'onCall' | 'tier' | 'system'> & {
  health: Health;
  /** Those seen in the last quarter of an hour, the newest first. */
  versions: string[];
  /** Services that it depends on, and those that depend on it: on record or seen. */
  needs: number;
  neededBy: number;
  done: number;
  checks: number;
  missing: string[];
};

export type Registry = { rows: RegistryRow[]; problems: CatalogProblem[] };

/** `telemetry` and `control` say what is missing from the rows when a store does not answer. */
export type RegistryData = {
  atMs: number;
  registry: Loaded<Registry>;
  control: Loaded<null>;
  telemetry: Loaded<null>;
};

/** What the stores know of all services; empty where one does not answer. */
export type Known = {
  slos: SloRow[];
  proven: ReadonlyMap<string, { name: string; atMs: number }>;
  versions: ServiceVersion[];
  edges: Edge[];
  control: Loaded<null>;
  telemetry: Loaded<null>;
};

const dayMs = 86_400_000;
const runningMs = 15 * 60_000;
const minuteMs = 60_000;

/** The latest drill of each service that ended as it should. */
async function readProven({ prisma }: Sources): Promise<Map<string, { name: string; atMs: number }>> {
  const hits = await prisma.drill.findMany({
    where: { verdict: 'hit', endedAt: { not: null } },
    orderBy: { endedAt: 'desc' },
    distinct: ['name'],
    select: { name: true, endedAt: true },
  });
  const proven = new Map<string, { name: string; atMs: number }>();
  for (const { name, endedAt } of hits) {
    const drill = drills.find((known) => known.name === name);
    if (drill?.kind !== 'page' || endedAt === null || proven.has(drill.service)) continue;
    proven.set(drill.service, { name, atMs: endedAt.getTime() });
  }
  return proven;
}

/** What the stores know of services: objectives, drills, versions, and who called whom in the last day. */
export async function readKnown(sources: Sources): Promise<Known> {
  const { prisma, store, remember, clock } = sources;
  const nowMs = clock();
  const [control, telemetry] = await Promise.all([
    attempt(Promise.all([readSlos(prisma), readProven(sources)])),
    attempt(
      Promise.all([
        readServiceVersions(store, nowMs - 30 * dayMs),
        remember('edges of a day', minuteMs, () => readEdges(store, { fromMs: nowMs - dayMs, toMs: nowMs })),
      ]),
    ),
  ]);
  const [slos, proven] = control.ok ? control.value : [[], new Map()];
  const [versions, edges] = telemetry.ok ? telemetry.value : [[], []];
  return {
    slos,
    proven,
    versions,
    edges,
    control: control.ok ? { ok: true, value: null } : control,
    telemetry: telemetry.ok ? { ok: true, value: null } : telemetry,
  };
}

/** Every service that is on record, has an objective, or sent a span in the last day. */
function listServices(catalog: Catalog, known: Known, nowMs: number): ServiceRecord[] {
  const names = new Set([
    ...catalog.services.keys(),
    ...known.slos.map(({ service }) => service),
    ...known.versions.filter(({ lastSeenMs }) => lastSeenMs >= nowMs - dayMs).map(({ service }) => service),
  ]);
  return [...names].sort().map((name) => catalog.services.get(name) ?? createEmptyRecord(name));
}

/** The scorecard of a service. */
export function scoreRecord(record: ServiceRecord, known: Known): Check[] {
  const own = known.slos.filter(({ service }) => service === record.name);
  const seen = known.versions.filter(({ service }) => service === record.name).map(({ lastSeenMs }) => lastSeenMs);
  const drill = drills.find((candidate) => candidate.kind === 'page' && candidate.service === record.name);
  const facts: Facts = {
    declaredSlos: own.filter(({ automatic }) => !automatic).length,
    automaticSlos: own.filter(({ automatic }) => automatic).length,
    provenDrill: known.proven.get(record.name) ?? null,
    drill: drill?.name ?? null,
    lastSpanMs: seen.length === 0 ? null : Math.max(...seen),
    api: countExamples(record),
  };
  return scoreService(record, facts);
}

function toRow(record: ServiceRecord, all: readonly ServiceRecord[], known: Known, nowMs: number): RegistryRow {
  const { name, title, owner, onCall, tier, system } = record;
  const checks = scoreRecord(record, known);
  const callees = known.edges.filter(({ caller }) => caller === name).map(({ callee }) => callee);
  const callers = known.edges.filter(({ callee }) => callee === name).map(({ caller }) => caller);
  const dependents = all.filter(({ dependsOn }) => dependsOn.includes(name)).map((other) => other.name);
  return {
    name,
    title,
    owner,
    onCall,
    tier,
    system,
    health: judgeHealth(name, known.slos),
    versions: known.versions
      .filter(
        ({ service, version, lastSeenMs }) => service === name && version !== '' && lastSeenMs >= nowMs - runningMs,
      )
      .map(({ version }) => version),
    needs: new Set([...record.dependsOn, ...callees]).size,
    neededBy: new Set([...dependents, ...callers]).size,
    done: checks.filter(({ done }) => done).length,
    checks: checks.length,
    missing: checks.filter(({ done }) => !done).map(({ label }) => label),
  };
}

/** All that the registry's list shows. */
export async function readRegistry(sources: Sources): Promise<RegistryData> {
  const nowMs = sources.clock();
  const [catalog, known] = await Promise.all([attempt(sources.readCatalog()), readKnown(sources)]);
  const { control, telemetry } = known;
  if (!catalog.ok) return { atMs: nowMs, registry: catalog, control, telemetry };
  const records = listServices(catalog.value, known, nowMs);
  const rows = records.map((record) => toRow(record, records, known, nowMs));
  return { atMs: nowMs, registry: { ok: true, value: { rows, problems: catalog.value.problems } }, control, telemetry };
}
