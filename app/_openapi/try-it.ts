import { z } from 'zod';
import { defaultPorts, type ProcessName, portVariable } from '#process/addresses';
import type { ApiDescription, Server } from './describe.ts';

/** What a person fills in: an operation of the description, and values for its parameters. */
export const tryOutSchema = z.strictObject({
  api: z.string().max(63),
  method: z.string().max(10),
  path: z.string().max(500),
  values: z.record(z.string().max(100), z.string().max(2_000)),
  body: z.string().max(64 * 1024),
  authorization: z.string().max(4_096),
});

export type TryOutRequest = z.infer<typeof tryOutSchema>;

export type TryOutAnswer = {
  status: number;
  headers: [name: string, value: string][];
  body: string;
  truncated: boolean;
  durationMs: number;
};

export type Address = { ok: true; origin: string; basePath: string } | { ok: false; reason: string };

type Ports = Readonly<Record<ProcessName, number>>;

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The control plane's own processes trust whoever reaches them on loopback. */
const closed: readonly ProcessName[] = ['postgres', 'clickhouse', 'collectors', 'alerts', 'chaos', 'supervisor', 'app'];

/**
 * Where the description's servers say that the service is. Variables that are named as the variable of a port, such as
 * `CART_PORT`, have the port that is in force here. Only addresses of this machine are taken.
 */
export function findAddress(servers: readonly Server[], ports: Ports): Address {
  const found = servers.map((server) => readAddress(server, ports));
  return (
    found.find(({ ok }) => ok) ??
    found[0] ?? { ok: false, reason: 'its description names no server: add one under servers' }
  );
}

function readAddress({ url: template, variables }: Server, ports: Ports): Address {
  const inForce = new Map<string, string>(Object.entries(variables));
  for (const name of Object.keys(defaultPorts) as ProcessName[]) {
    if (inForce.has(portVariable(name))) inForce.set(portVariable(name), String(ports[name]));
  }
  const text = template.replaceAll(/\{([^}]+)\}/g, (whole, name: string) => inForce.get(name) ?? whole);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { ok: false, reason: `its server ${text} is no address` };
  }
  if (!loopback.has(url.hostname)) return { ok: false, reason: `its server ${url.origin} is not on this machine` };
  const port = Number(url.port);
  const owner = closed.find((name) => ports[name] === port);
  if (owner !== undefined) return { ok: false, reason: `its server ${url.origin} is Bellwether’s own ${owner}` };
  return { ok: true, origin: url.origin, basePath: url.pathname.replace(/\/$/, '') };
}

export type Prepared =
  | { ok: true; url: string; method: string; headers: Record<string, string>; body: string | null }
  | { ok: false; reason: string };

/** Makes the request of an operation that the description has, and of none that it has not. */
export function prepareRequest(api: ApiDescription, given: TryOutRequest, ports: Ports): Prepared {
  const address = findAddress(api.servers, ports);
  if (!address.ok) return address;
  const operation = api.operations.find(({ method, path }) => method === given.method && path === given.path);
  if (operation === undefined) return { ok: false, reason: `the API has no operation ${given.method} ${given.path}` };
  const headers: Record<string, string> = { accept: 'application/json, */*;q=0.5' };
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, in: place, required } of operation.parameters) {
    const value = given.values[name] ?? '';
    if (value === '' && required) return { ok: false, reason: `${name}: a value is required` };
    if (value === '') continue;
    // A segment of dots would lead out of the operation's path.
    if (place === 'path' && /^\.{1,2}$/.test(value))
      return { ok: false, reason: `${name}: ${value} is no value for a path` };
    if (place === 'path') path = path.replaceAll(`{${name}}`, encodeURIComponent(value));
    if (place === 'query') query.append(name, value);
    if (place === 'header' && isFreeHeader(name)) headers[name.toLowerCase()] = value.replaceAll(/[^\t\x20-\x7e]/g, '');
  }
  const expected = `${address.basePath}${path}`;
  const url = new URL(`${address.origin}${expected}`);
  if (
    url.origin !== address.origin ||
    url.pathname !== new URL(expected, 'http://localhost').pathname ||
    path.includes('{')
  ) {
    return { ok: false, reason: `${path}: not a path of the operation` };
  }
  url.search = query.toString();
  if (given.authorization !== '') headers.authorization = given.authorization.replaceAll(/[^\x20-\x7e]/g, '');
  const body = operation.body === null || given.body === '' ? null : given.body;
  if (body !== null && operation.body !== null) headers['content-type'] = operation.body.mediaType;
  return { ok: true, url: url.href, method: operation.method, headers, body };
}

const fixedHeaders = ['host', 'connection', 'content-length', 'transfer-encoding', 'cookie', 'upgrade', 'expect', 'te'];

function isFreeHeader(name: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(name) && !fixedHeaders.includes(name.toLowerCase());
}
