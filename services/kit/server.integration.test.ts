import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { UnansweredError } from './downstream.ts';
import { DomainError } from './problem.ts';
import { createServer, type Server } from './server.ts';

let app: Server;
let ready = true;

beforeAll(async () => {
  const logger = createLogger('test');
  logger.level = 'silent';
  app = await createServer({
    name: 'test',
    description: 'A service for tests.',
    version: '1.0.0',
    logger,
    registry: createRegistry('test'),
    readiness: () => (ready ? { ready } : { ready, reason: 'database: away' }),
    chaos: { enabled: false, token: '' },
  });
  const body = z.object({ quantity: z.number().int().min(1) });
  app.post('/items', { schema: { body, response: { 200: z.object({ ok: z.boolean() }) } } }, async () => ({
    ok: true,
  }));
  const note = z.strictObject({ lines: z.array(z.strictObject({ text: z.string() })) });
  app.post('/notes', { schema: { body: note } }, async () => ({ ok: true }));
  app.get('/notes/:id', async () => ({ ok: true }));
  app.get('/domain', async () => {
    throw new DomainError('out_of_stock', 409, 'Not enough left.', { left: [{ sku: 'a', left: 1 }], status: 200 });
  });
  app.get('/bug', async () => {
    throw new Error('password=hunter2');
  });
  app.get('/slow-peer', async () => {
    throw new UnansweredError('payments', 'timeout');
  });
  app.get('/gone-peer', async () => {
    throw new UnansweredError('payments', 'refused');
  });
});

afterAll(() => app.close());

describe('everything that is refused or fails is a problem document with a stable code', () => {
  const json = { 'content-type': 'application/json' };
  test.each([
    { name: 'unknown route', request: { url: '/nope' }, status: 404, code: 'not_found' },
    { name: 'unknown method', request: { method: 'DELETE', url: '/items' }, status: 404, code: 'not_found' },
    {
      name: 'bad value',
      request: { method: 'POST', url: '/items', headers: json, payload: '{"quantity":0}' },
      status: 400,
      code: 'validation_failed',
    },
    {
      name: 'not JSON',
      request: { method: 'POST', url: '/items', headers: json, payload: '{' },
      status: 400,
      code: 'bad_request',
    },
    {
      name: 'wrong type',
      request: { method: 'POST', url: '/items', headers: { 'content-type': 'text/csv' }, payload: 'a,b' },
      status: 415,
      code: 'unsupported_media_type',
    },
    {
      name: 'too large',
      request: { method: 'POST', url: '/items', headers: json, payload: `{"x":"${'x'.repeat(70_000)}"}` },
      status: 413,
      code: 'payload_too_large',
    },
    { name: 'long URL', request: { url: `/domain?${'x'.repeat(5_000)}` }, status: 414, code: 'uri_too_long' },
    { name: 'URL that is none', request: { url: '/notes/%ff' }, status: 400, code: 'bad_request' },
    { name: 'refusal of the domain', request: { url: '/domain' }, status: 409, code: 'out_of_stock' },
    { name: 'bug', request: { url: '/bug' }, status: 500, code: 'internal' },
    { name: 'peer too slow', request: { url: '/slow-peer' }, status: 504, code: 'downstream_timeout' },
    { name: 'peer away', request: { url: '/gone-peer' }, status: 502, code: 'downstream_unavailable' },
  ] as const)('$name: $status $code', async ({ request, status, code }) => {
    const response = await app.inject({ method: 'GET', ...request });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    const document = response.json();
    expect(document).toMatchObject({ status, code, type: `urn:bellwether:problem:${code}` });
    expect(document.requestId).toBe(response.headers['x-request-id']);
  });

  test.each([
    [
      'body',
      '/lines/1/text',
      { method: 'POST', url: '/notes', payload: { lines: [{ text: 'a' }, { text: 'b\u0000' }] } },
    ],
    [
      'body',
      '/lines/0/text',
      { method: 'POST', url: '/notes', payload: '{"lines":[{"text":"\\ud800"}]}', headers: json },
    ],
    ['body', '/lines/0', { method: 'POST', url: '/notes', payload: { lines: [{ 'te\u0000xt': 'a' }] } }],
    ['params', '/id', { method: 'GET', url: '/notes/a%00' }],
    ['querystring', '/q', { method: 'GET', url: '/notes/a?q=%00' }],
  ] as const)('text that no database takes, in %s at %s: 400', async (part, path, request) => {
    const document = (await app.inject(request)).json();
    expect(document).toMatchObject({ status: 400, code: 'validation_failed', errors: [{ path }] });
    expect(document.detail).toContain(`in ${part}: ${path}`);
  });

  test('but text in every script is taken', async () => {
    const payload = { lines: [{ text: 'Grüße, 你好, 👋🏽' }] };
    expect((await app.inject({ method: 'POST', url: '/notes', payload })).statusCode).toBe(200);
  });

  test('extra members are there, but never in place of the standard ones', async () => {
    expect((await app.inject('/domain')).json()).toMatchObject({ status: 409, left: [{ sku: 'a', left: 1 }] });
  });

  test('what went wrong inside stays inside', async () => {
    expect((await app.inject('/bug')).body).not.toContain('hunter2');
  });
});

test('a request id that was given is kept', async () => {
  const ask = async (id: string) => (await app.inject({ url: '/healthz', headers: { 'x-request-id': id } })).headers;
  const id = '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11';
  expect((await ask(id))['x-request-id']).toBe(id);
  // It is logged: what is no id is not taken.
  expect((await ask('ada@example.com'))['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('readiness says why not', async () => {
  expect((await app.inject('/readyz')).statusCode).toBe(200);
  ready = false;
  const response = await app.inject('/readyz');
  expect(response.statusCode).toBe(503);
  expect(response.json()).toEqual({ ready: false, reason: 'database: away' });
  ready = true;
});

test('without permission for faults there is no fault agent', async () => {
  const response = await app.inject({ method: 'POST', url: '/_chaos/faults', payload: {} });
  expect(response.json()).toMatchObject({ status: 404, code: 'not_found' });
});

test('metrics are in Prometheus text', async () => {
  const response = await app.inject('/metrics');
  expect(response.headers['content-type']).toContain('text/plain');
  expect(response.body).toContain('process_resident_memory_bytes');
});
