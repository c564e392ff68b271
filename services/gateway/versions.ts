import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UnansweredError } from '#services/kit/downstream';
import type { Answer, Client } from '#services/kit/fetch';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';

/** A service's version besides the one at its own address, and the percentage of visitors that it serves. */
export type Version = { name: string; percent: number; url: string };

/** The version at the service's own address: it serves whom the others do not. */
export const stable = 'stable';

/** `<service>=<version>`, comma-separated: for who wants a version whatever its share, such as a test of one with none. */
const versionHeader = 'x-version';

const pattern = /^(?<name>[a-z0-9][a-z0-9.-]{0,30})=(?<percent>\d{1,3}(?:\.\d+)?)%@(?<url>https?:\/\/.+)$/;

/** Of a variable such as `CATALOG_VERSIONS=v2=10%@http://127.0.0.1:5102`; several are separated by commas. */
export const versionsField = z
  .string()
  .optional()
  .transform((text, context): Version[] => {
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const versions: Version[] = [];
    for (const part of text?.split(',') ?? []) {
      const { name, percent, url } = pattern.exec(part.trim())?.groups ?? {};
      if (name === undefined || url === undefined || !URL.canParse(url)) {
        return refuse(`expected <version>=<percent>%@<url>, such as v2=10%@http://127.0.0.1:5102, not ${part.trim()}`);
      }
      if (name === stable || versions.some((other) => other.name === name)) return refuse(`${name} is there already`);
      versions.push({ name, percent: Number(percent), url });
    }
    const total = versions.reduce((sum, { percent }) => sum + percent, 0);
    return total > 100 ? refuse(`the versions have ${total} % together`) : versions;
  });

export type Versions = {
  /** The version of a service for the request under way, then those that stand in when it is away; at least one. */
  rank: (peer: string) => readonly [string, ...string[]];
  names: (peer: string) => readonly string[];
};

type Visitor = { key: string; pins: ReadonlyMap<string, string> };

const visitors = new AsyncLocalStorage<Visitor>();

/**
 * Which visitor is served by which version: by weighted rendezvous hashing of session and version (C. Schindelhauer and
 * G. Schomaker, "Weighted Distributed Hash Tables", 2005). A visitor stays with a version; when shares change, nobody
 * leaves one that grows, nor joins one that shrinks.
 */
export function createVersions(table: Readonly<Record<string, readonly Version[]>>): Versions {
  const weightsOf = (peer: string): [string, number][] => {
    const others = table[peer] ?? [];
    const rest = 100 - others.reduce((sum, { percent }) => sum + percent, 0);
    return [[stable, rest], ...others.map(({ name, percent }): [string, number] => [name, percent])];
  };
  const names: Versions['names'] = (peer) => weightsOf(peer).map(([name]) => name);
  return {
    names,
    rank: (peer) => {
      const visitor = visitors.getStore();
      const pinned = visitor?.pins.get(peer);
      if (pinned !== undefined) return [pinned];
      const key = visitor?.key ?? '';
      const scored = weightsOf(peer)
        .filter(([, weight]) => weight > 0)
        .map(([name, weight]): [string, number] => [name, -weight / Math.log(uniform(`${peer} ${name} ${key}`))])
        .sort(([, a], [, b]) => b - a);
      const [first = stable, ...others] = scored.map(([name]) => name);
      return [first, ...others];
    },
  };
}

/** In (0, 1), the same for the same text. */
function uniform(text: string): number {
  return (createHash('sha1').update(text).digest().readUIntBE(0, 6) + 0.5) / 2 ** 48;
}

/** Keeps for each request which versions it asks for. Has to be called before the routes are added. */
export function registerVersions(app: Server, versions: Versions): void {
  // After the body was read: what reads it runs outside of the request's context.
  app.addHook('preValidation', (request, _reply, done) => {
    try {
      const pins = readPins(request.headers[versionHeader], versions);
      visitors.run({ key: crypto.randomUUID(), pins }, done);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Says who the visitor of the request under way is: the same one meets the same versions. */
export function noteVisitor(key: string): void {
  const visitor = visitors.getStore();
  if (visitor !== undefined) visitor.key = key;
}

/** @throws DomainError 400 for what there is not */
function readPins(header: string | string[] | undefined, { names }: Versions): ReadonlyMap<string, string> {
  const pins = new Map<string, string>();
  for (const part of header === undefined ? [] : String(header).split(',')) {
    const [peer = '', version = ''] = part.split('=').map((text) => text.trim());
    if (!names(peer).includes(version)) {
      const known = names(peer).join(', ');
      throw new DomainError('unknown_version', 400, `${versionHeader}: this service has the versions ${known}.`);
    }
    pins.set(peer, version);
  }
  return pins;
}

/** One client for all versions of a service: what one does not take, because it is away, the next does. */
export function createVersionedClient(
  peer: string,
  { versions, clients }: { versions: Versions; clients: ReadonlyMap<string, Client> },
): Client {
  const call =
    (method: 'get' | 'post' | 'put' | 'delete'): Client['get'] =>
    async (path, options): Promise<Answer> => {
      const [first, ...others] = versions.rank(peer).flatMap((name) => clients.get(name) ?? []);
      if (first === undefined) throw new UnansweredError(peer, 'refused');
      let answer = first[method](path, options);
      for (const other of others) {
        answer = answer.catch((error: unknown) => {
          if (isNotTaken(error)) return other[method](path, options);
          throw error;
        });
      }
      return answer;
    };
  return { peer, get: call('get'), post: call('post'), put: call('put'), delete: call('delete') };
}

/** Whether a call has certainly not arrived: made again elsewhere it is still made once. */
function isNotTaken(error: unknown): boolean {
  return error instanceof UnansweredError && (error.reason === 'refused' || error.reason === 'breaker_open');
}
