import type { CatalogProblem, Declared, Entity, EntityOf } from './entity.ts';
import { type LoadedCatalog, runbookAnnotation } from './load.ts';
import { formatRef, parseRef, shortenRef } from './reference.ts';

/** Who is called when the service hurts: people and teams by name, a pager by the tool that has it. */
export type OnCall = { kind: 'person' | 'pager'; name: string };

export type ApiRecord = { name: string; title: string; type: string; definition: string | null };

/** What the catalogue says about a service; null where it says nothing. */
export type ServiceRecord = {
  /** Its name in telemetry. */
  name: string;
  title: string | null;
  description: string | null;
  system: string | null;
  lifecycle: string | null;
  owner: string | null;
  onCall: OnCall[];
  tier: string | null;
  /** Services that it depends on, directly or through an API of theirs; by name. */
  dependsOn: string[];
  /** Databases and the like. */
  resources: string[];
  /** Markdown, or an address. */
  runbook: { kind: 'text' | 'link'; text: string } | null;
  apis: ApiRecord[];
  links: { url: string; title: string }[];
  file: string | null;
};

/** Every service on record, by its name in telemetry, and what is wrong with the files. */
export type Catalog = { services: ReadonlyMap<string, ServiceRecord>; problems: CatalogProblem[] };

const annotations = {
  service: 'bellwether.dev/service-name',
  onCall: 'bellwether.dev/on-call',
  pagers: [
    ['PagerDuty', ['pagerduty.com/service-id', 'pagerduty.com/integration-key']],
    ['Opsgenie', ['opsgenie.com/component-selector', 'opsgenie.com/team']],
  ],
} as const;
const tierLabel = 'bellwether.dev/tier';

type Component = EntityOf<'Component'>;
type Index = ReadonlyMap<string, Declared>;

/** What a service without a record is known by. */
export function createEmptyRecord(name: string): ServiceRecord {
  return {
    name,
    title: null,
    description: null,
    system: null,
    lifecycle: null,
    owner: null,
    onCall: [],
    tier: null,
    dependsOn: [],
    resources: [],
    runbook: null,
    apis: [],
    links: [],
    file: null,
  };
}

/** Makes a record of every component, with what it refers to resolved by Backstage's rules. */
export function describeServices({ entities, problems }: LoadedCatalog): Catalog {
  const index: Index = new Map(entities.map((declared) => [declared.ref, declared]));
  const providers = new Map<string, string>();
  for (const { entity } of entities) {
    if (entity.kind !== 'Component') continue;
    for (const ref of resolveAll(entity.spec.providesApis, entity, 'api')) providers.set(ref, nameOf(entity));
  }
  const services = new Map<string, ServiceRecord>();
  const broken: CatalogProblem[] = [];
  for (const { entity, file, line, text } of entities) {
    if (entity.kind !== 'Component') continue;
    services.set(nameOf(entity), toRecord(entity, { file, text, index, providers }));
    for (const ref of entity.spec.dependsOn ?? []) {
      if (parseRef(ref, { namespace: 'default' }) !== null) continue;
      const message = `spec.dependsOn: expected <kind>:[<namespace>/]<name>, such as component:${ref}`;
      broken.push({ file, line, column: 1, message });
    }
  }
  return { services, problems: [...problems, ...broken] };
}

function toRecord(
  entity: Component,
  from: { file: string; text: string | null; index: Index; providers: ReadonlyMap<string, string> },
): ServiceRecord {
  const { metadata, spec } = entity;
  const { file, text, index, providers } = from;
  const name = nameOf(entity);
  const needs = resolveAll(spec.dependsOn, entity);
  const callees = [
    ...needs.filter((ref) => ref.startsWith('component:')).map((ref) => nameOfRef(ref, index)),
    ...resolveAll(spec.consumesApis, entity, 'api').flatMap((ref) => providers.get(ref) ?? []),
  ];
  const [owner] = resolveAll([spec.owner], entity, 'group');
  const address = metadata.annotations[runbookAnnotation];
  const runbook = text !== null ? ({ kind: 'text', text } as const) : null;
  return {
    name,
    title: metadata.title ?? null,
    description: metadata.description ?? null,
    system: spec.system === undefined ? null : shortenRef(spec.system.replace(/^system:/i, '')),
    lifecycle: spec.lifecycle,
    owner: owner === undefined ? spec.owner : displayNameOf(owner, index),
    onCall: listOnCall(entity, owner, index),
    tier: metadata.labels[tierLabel] ?? spec.tier?.toString() ?? null,
    dependsOn: [...new Set(callees)].filter((callee) => callee !== name).sort(),
    resources: needs.filter((ref) => ref.startsWith('resource:')).map((ref) => ref.split('/')[1] ?? ref),
    runbook: address !== undefined && /^https?:/.test(address) ? { kind: 'link', text: address } : runbook,
    apis: resolveAll(spec.providesApis, entity, 'api').flatMap((ref) => describeApi(index.get(ref))),
    links: metadata.links.flatMap(({ url, title }) => (/^https?:/i.test(url) ? [{ url, title: title ?? url }] : [])),
    file,
  };
}

function describeApi(declared: Declared | undefined): ApiRecord[] {
  if (declared?.entity.kind !== 'API') return [];
  const { metadata, spec } = declared.entity;
  return [{ name: metadata.name, title: metadata.title ?? metadata.name, type: spec.type, definition: declared.text }];
}

/** On the component itself, else on the group that owns it. */
function listOnCall(entity: Component, owner: string | undefined, index: Index): OnCall[] {
  const group = owner === undefined ? undefined : index.get(owner)?.entity;
  for (const holder of [entity, ...(group === undefined ? [] : [group])]) {
    const found = readOnCall(holder, index);
    if (found.length > 0) return found;
  }
  return [];
}

function readOnCall({ metadata }: Entity, index: Index): OnCall[] {
  const names = (metadata.annotations[annotations.onCall] ?? '').split(',').map((part) => part.trim());
  const people = names.filter(Boolean).map((text): OnCall => {
    const ref = parseRef(text, { kind: 'user', namespace: metadata.namespace });
    return { kind: 'person', name: ref === null ? text : displayNameOf(formatRef(ref), index) };
  });
  const pagers = annotations.pagers.flatMap(([tool, keys]): OnCall[] =>
    // That there is a rota is told, its key is not: an integration key opens it.
    keys.some((key) => metadata.annotations[key] !== undefined) ? [{ kind: 'pager', name: tool }] : [],
  );
  return [...people, ...pagers];
}

function resolveAll(texts: readonly string[] | undefined, { metadata }: Entity, kind?: string): string[] {
  const { namespace } = metadata;
  const refs = (texts ?? []).map((text) => parseRef(text, kind === undefined ? { namespace } : { kind, namespace }));
  return refs.flatMap((ref) => (ref === null ? [] : [formatRef(ref)]));
}

function nameOf({ metadata }: Component): string {
  return metadata.annotations[annotations.service] ?? metadata.name;
}

function nameOfRef(ref: string, index: Index): string {
  const entity = index.get(ref)?.entity;
  return entity?.kind === 'Component' ? nameOf(entity) : (ref.split('/')[1] ?? ref);
}

function displayNameOf(ref: string, index: Index): string {
  const entity = index.get(ref)?.entity;
  const profile = entity?.kind === 'Group' || entity?.kind === 'User' ? entity.spec.profile : undefined;
  return profile?.displayName ?? entity?.metadata.title ?? shortenRef(ref);
}
