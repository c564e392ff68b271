import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allDone } from '#services/kit/after-answer';
import { type Client, createClient } from '#services/kit/fetch';
import { recordSpans } from '#services/kit/recorded-spans';
import type { Server } from '#services/kit/server';
import { createTestServer } from '#services/kit/test-service';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { createVersionedClient, createVersions, noteVisitor, registerVersions, stable } from './versions.ts';

const peer = 'catalog';
const spans = recordSpans();
const visitors = Array.from({ length: 4_000 }, (_, n) => `visitor-${n}`);
const closing: HttpServer[] = [];
let urls: Record<'stable' | 'v2' | 'v3', string>;

/** A real server that says which version it is. */
async function startVersion(name: string): Promise<string> {
  const server = createHttpServer((_request, response) => response.end(JSON.stringify(name)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A gateway that asks one service, whose other versions have these shares. */
async function openGateway(
  percents: Record<string, number>,
  addresses: Record<string, string> = urls,
): Promise<Server> {
  const table = Object.entries(percents).map(([name, percent]) => ({ name, percent, url: addresses[name] ?? '' }));
  const versions = createVersions({ [peer]: table });
  const open = (version: string, baseUrl: string): [string, Client] => [
    version,
    createClient({ peer, baseUrl, version, timeoutMs: 5_000, retries: 0 }),
  ];
  const clients = new Map([
    open(stable, addresses.stable ?? ''),
    ...table.map(({ name, url }): [string, Client] => open(name, url)),
  ]);
  const client = createVersionedClient(peer, { versions, clients });
  const app = await createTestServer(manifest);
  registerVersions(app, versions);
  app.get('/', async ({ headers }) => {
    if (typeof headers['x-visitor'] === 'string') noteVisitor(headers['x-visitor']);
    return (await client.get('/')).body;
  });
  return app;
}

async function ask(app: Server, visitor: string, version?: string): Promise<string> {
  const headers = { 'x-visitor': visitor, ...(version === undefined ? {} : { 'x-version': version }) };
  const answer = await app.inject({ url: '/', headers });
  return answer.statusCode === 200 ? answer.body : `${answer.statusCode} ${answer.json().code}`;
}

async function askAll(app: Server): Promise<string[]> {
  const answers: string[] = [];
  for (let n = 0; n < visitors.length; n += 50) {
    answers.push(...(await Promise.all(visitors.slice(n, n + 50).map((visitor) => ask(app, visitor)))));
  }
  return answers;
}

function share(answers: readonly string[], name: string): number {
  return answers.filter((answer) => answer === name).length / answers.length;
}

beforeAll(async () => {
  urls = { stable: await startVersion('stable'), v2: await startVersion('v2'), v3: await startVersion('v3') };
});

afterAll(() => {
  for (const server of closing) server.close().closeAllConnections();
});

test('each version serves its share of visitors, the same ones each time; nobody leaves a share that grows, nor joins one that shrinks', async () => {
  const app = await openGateway({ v2: 10, v3: 20 });
  const before = await askAll(app);
  // Five standard deviations of a binomial count.
  expect(Math.abs(share(before, 'v2') - 0.1)).toBeLessThan(0.024);
  expect(Math.abs(share(before, 'v3') - 0.2)).toBeLessThan(0.032);
  expect(await askAll(app)).toEqual(before);
  const after = await askAll(await openGateway({ v2: 30, v3: 20 }));
  expect(Math.abs(share(after, 'v2') - 0.3)).toBeLessThan(0.037);
  const left = before.filter((version, n) => version === 'v2' && after[n] !== 'v2');
  expect(left).toEqual([]);
  const joined = before.filter((version, n) => after[n] === 'stable' && version !== 'stable');
  expect(joined).toEqual([]);
});

test('who names a version has it, with no share too; one that there is not is refused by name', async () => {
  const app = await openGateway({ v2: 0 });
  expect(await ask(app, 'a')).toBe('stable');
  expect(await ask(app, 'a', 'catalog=v2')).toBe('v2');
  expect(await ask(app, 'a', 'catalog=v9')).toBe('400 unknown_version');
  expect(await ask(app, 'a', 'nobody=v2')).toBe('400 unknown_version');
});

test('the visitors of a version that is away are served by the others; who insists on it is told', async () => {
  const gone = await startVersion('gone');
  await new Promise((resolve) => closing.pop()?.close(resolve));
  const app = await openGateway({ v2: 50 }, { ...urls, v2: gone });
  const answers = await Promise.all(visitors.slice(0, 60).map((visitor) => ask(app, visitor)));
  expect(new Set(answers)).toEqual(new Set(['stable']));
  expect(await ask(app, 'a', 'catalog=v2')).toBe('502 downstream_unavailable');
});

test('a span says which version was asked', async () => {
  await allDone();
  spans.reset();
  await ask(await openGateway({ v2: 100 }), 'a');
  await allDone();
  const versions = spans.getFinishedSpans().map(({ attributes }) => attributes['peer.version']);
  expect(versions).toContain('v2');
});

test.each([
  ['v2=10@http://127.0.0.1:1', 'CATALOG_VERSIONS: expected <version>=<percent>%@<url>'],
  ['v2=60%@http://a:1,v3=50%@http://b:1', 'CATALOG_VERSIONS: the versions have 110 % together'],
  ['stable=1%@http://a:1', 'CATALOG_VERSIONS: stable is there already'],
])('%s is refused', (text, message) => {
  expect(() => readEnv({ CATALOG_VERSIONS: text })).toThrow(message);
});
