import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultLimits } from './request-limits.ts';
import type { Server } from './server.ts';
import { createTestServer } from './test-service.ts';

let app: Server;
let port: number;

beforeAll(async () => {
  const identity = { name: 'test', description: 'A service for tests.', version: '1.0.0' };
  app = await createTestServer(identity, { limits: { ...defaultLimits, headersMs: 200, requestMs: 400 } });
  app.post('/items', async () => ({ ok: true }));
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});

afterAll(() => app.close());

/** What comes back for bytes on a connection of its own, until the server closes it. */
async function send(bytes: string): Promise<{ status: number; type: string | undefined; document: unknown }> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  socket.destroy();
  const type = /^content-type: (\S+)$/im.exec(head)?.[1];
  return { status: Number(head.split(' ')[1]), type, document: JSON.parse(body) };
}

const start = 'POST /items HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n';

test.each([
  ['headers that are too large', `${start}x-long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ['headers that do not end', start, 408, 'request_timeout'],
  ['a body that does not end', `${start}content-length: 9\r\n\r\n{"a"`, 408, 'request_timeout'],
  ['what is no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
])('%s: a problem document, then the connection ends', async (_name, bytes, status, code) => {
  const answer = await send(bytes);
  expect(answer).toMatchObject({ status, type: 'application/problem+json', document: { status, code } });
});

test('and a request that comes in time is answered', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/items`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(200);
});
