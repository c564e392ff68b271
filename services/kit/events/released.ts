import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findIncompatibilities, type JsonSchema } from './compatibility.ts';
import { type EventContract, renderSchema } from './contract.ts';

/** Where the released schemas of all services are: `<root>/<service>/events/<type>.v<n>.json`. */
export type ReleaseOptions = { root: string };

type Release = { file: string; type: string; version: number; text: string; schema: JsonSchema };

/** One line per released file, as `sha256sum -c` reads it. */
const listName = 'event-schemas.sha256';

/** The contracts of the services below a folder that publish events. */
export async function readContracts(root: string): Promise<EventContract[]> {
  const files = globSync('*/contract.ts', { cwd: root }).sort();
  const modules: { events?: EventContract }[] = await Promise.all(files.map((file) => import(path.join(root, file))));
  return modules.flatMap(({ events }) => events ?? []);
}

/**
 * What is wrong with the events of a service, in words; empty when nothing is. A released schema never changes. A new
 * version is fully and transitively compatible (as Confluent's FULL_TRANSITIVE, with readers that ignore what they do not
 * know): readers of each earlier version can read what is written now, and readers of now what was written ever, since it
 * may wait in a topic or a dead-letter queue. So members may be added if they are optional and left out if they were;
 * what is always there stays, with its type and its range.
 */
export function findProblems(contract: EventContract, { root }: ReleaseOptions): string[] {
  const releases = readReleases(contract.service, root);
  const hashes = readList(root);
  const changed = releases.filter(({ file, text }) => hashes.get(file) !== hash(text));
  const released = new Set(releases.map(({ file }) => file));
  const gone = [...hashes.keys()].filter((file) => file.startsWith(`${contract.service}/`) && !released.has(file));
  const dropped = releases.filter(({ type }) => contract.schemas[type] === undefined);
  return [
    ...changed.map(({ file }) => `${file} is not as it was released`),
    ...gone.map((file) => `${file} was released and is gone`),
    ...dropped.map(({ file, type }) => `${file}: ${type} is not published any more, and somebody may rely on it`),
    ...Object.entries(contract.schemas).flatMap(([type, schema]) => {
      const current = renderSchema(type, schema);
      const earlier = releases.filter((release) => release.type === type);
      const latest = earlier.at(-1);
      const isReleased = latest !== undefined && latest.text === format(current);
      return [
        ...earlier.flatMap((release) => findBreaks(release, current)),
        ...(isReleased ? [] : [`${type} has changed: npm run events:release`]),
      ];
    }),
  ];
}

function findBreaks({ file, schema }: Release, current: JsonSchema): string[] {
  return [
    ...findIncompatibilities(schema, current).map((reason) => `forward, a reader of ${file}: ${reason}`),
    ...findIncompatibilities(current, schema).map((reason) => `backward, what was written by ${file}: ${reason}`),
  ];
}

/** Writes the next version of each schema that has changed. @returns the files */
export function release(contract: EventContract, { root }: ReleaseOptions): string[] {
  const releases = readReleases(contract.service, root);
  const hashes = readList(root);
  const written = Object.entries(contract.schemas).flatMap(([type, schema]) => {
    const text = format(renderSchema(type, schema));
    const latest = releases.filter((each) => each.type === type).at(-1);
    if (latest?.text === text) return [];
    const file = `${contract.service}/events/${type}.v${(latest?.version ?? 0) + 1}.json`;
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
    hashes.set(file, hash(text));
    return [file];
  });
  const lines = [...hashes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, sum]) => `${sum}  ${file}\n`);
  writeFileSync(path.join(root, listName), lines.join(''));
  return written;
}

function readReleases(service: string, root: string): Release[] {
  const folder = path.join(root, service, 'events');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .flatMap((name) => {
      const [, type, version] = /^(.+)\.v(\d+)\.json$/.exec(name) ?? [];
      if (type === undefined) return [];
      const text = readFileSync(path.join(folder, name), 'utf8');
      return [{ file: `${service}/events/${name}`, type, version: Number(version), text, schema: JSON.parse(text) }];
    })
    .toSorted((a, b) => a.version - b.version);
}

function readList(root: string): Map<string, string> {
  const file = path.join(root, listName);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  return new Map(lines.map((line): [string, string] => [line.slice(66), line.slice(0, 64)]));
}

function format(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
