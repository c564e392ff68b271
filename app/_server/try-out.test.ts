import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mayTryOut, sendPrepared } from './try-out.ts';

const seen: { request: IncomingMessage; body: string }[] = [];
const server = createServer(async (request, response) => {
  seen.push({ request, body: await text(request) });
  if (request.url === '/moved') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
  else if (request.url === '/long') response.writeHead(200).end('x'.repeat(1_000_000));
  else response.writeHead(201, { 'content-type': 'application/json', 'set-cookie': 'a=b' }).end('{"id":1}');
});
let origin = '';

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => server.close());

const send = (path: string, method = 'GET', body: string | null = null) =>
  sendPrepared({ ok: true, url: `${origin}${path}`, method, headers: { authorization: 'Bearer mine' }, body });

test('a request arrives as it was prepared, and its answer comes back without cookies', async () => {
  const answer = await send('/carts/c1?full=true', 'PUT', '{"sku":"BW-1"}');
  expect(answer).toMatchObject({ status: 201, headers: [['content-type', 'application/json']], truncated: false });
  expect(answer.body).toBe('{\n  "id": 1\n}');
  const { request, body } = seen.at(-1) ?? {};
  expect([request?.method, request?.url, request?.headers.authorization, body]).toEqual([
    'PUT',
    '/carts/c1?full=true',
    'Bearer mine',
    '{"sku":"BW-1"}',
  ]);
  expect(request?.headers.cookie).toBeUndefined();
});

test('a redirect is shown and not followed', async () => {
  const answer = await send('/moved');
  expect([answer.status, answer.headers]).toEqual([302, [['location', 'http://169.254.169.254/']]]);
});

test('of a long answer the beginning is read', async () => {
  const answer = await send('/long');
  expect([answer.truncated, answer.body.length]).toEqual([true, 262_144]);
});

test.each([
  ['127.0.0.1', true, true],
  ['::1', true, true],
  ['0.0.0.0', true, false],
  ['127.0.0.1', false, false],
])('at %s with chaos %s requests may be sent: %s', (host, chaos, expected) => {
  expect(mayTryOut({ BELLWETHER_HOST: host, CHAOS_ENABLED: chaos })).toBe(expected);
});
