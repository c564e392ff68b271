import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { SloRow } from '#app/_server/slo-row.ts';
import type { Sources } from '#app/_server/sources.ts';
import { type Health, judgeHealth } from '#app/_ui/health.ts';
import type { ServiceVersion } from '#telemetry/queries/changes';
import { type Known, readKnown, scoreRecord } from '../../../registry/_data.ts';
import type { Check } from '../../../registry/_scorecard.ts';
import { readRecord, type ServiceHead, toHead } from '../_head.ts';

/** A service that this one depends on, or that depends on it; `calls` are those seen in the last day. */
export type Neighbour = { service: string; declared: boolean; calls: number };

export type RecordData = {
  atMs: number;
  head: ServiceHead;
  health: Health;
  lifecycle: string | null;
  file: string | null;
  resources: string[];
  links: { url: string; title: string }[];
  checks: Check[];
  slos: SloRow[];
  versions: ServiceVersion[];
  dependsOn: Neighbour[];
  neededBy: Neighbour[];
  control: Loaded<null>;
  telemetry: Loaded<null>;
};

/** Joins what was declared with what was seen, by name. */
function joinNeighbours(declared: readonly string[], seen: readonly { service: string; calls: number }[]): Neighbour[] {
  const names = new Set([...declared, ...seen.map(({ service }) => service)]);
  return [...names].sort().map((service) => ({
    service,
    declared: declared.includes(service),
    calls: seen.filter((edge) => edge.service === service).reduce((total, { calls }) => total + calls, 0),
  }));
}

function listNeighbours(name: string, declared: { own: string[]; others: string[] }, { edges }: Known) {
  const callees = edges
    .filter(({ caller }) => caller === name)
    .map(({ callee, calls }) => ({ service: callee, calls }));
  const callers = edges
    .filter(({ callee }) => callee === name)
    .map(({ caller, calls }) => ({ service: caller, calls }));
  return { dependsOn: joinNeighbours(declared.own, callees), neededBy: joinNeighbours(declared.others, callers) };
}

/** All that the page of a service's record shows. */
export async function readServiceRecord(sources: Sources, name: string): Promise<RecordData> {
  const [record, known, catalog] = await Promise.all([
    readRecord(sources, name),
    readKnown(sources),
    attempt(sources.readCatalog()),
  ]);
  const all = catalog.ok ? [...catalog.value.services.values()] : [];
  const others = all.filter(({ dependsOn }) => dependsOn.includes(name)).map((other) => other.name);
  const { lifecycle, file, resources, links } = record;
  return {
    atMs: sources.clock(),
    head: toHead(record),
    health: judgeHealth(name, known.slos),
    lifecycle,
    file,
    resources,
    links,
    checks: scoreRecord(record, known),
    slos: known.slos.filter(({ service }) => service === name),
    versions: known.versions.filter(({ service }) => service === name),
    ...listNeighbours(name, { own: record.dependsOn, others }, known),
    control: known.control,
    telemetry: known.telemetry,
  };
}
