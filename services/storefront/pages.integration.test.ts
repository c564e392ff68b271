import type { IncomingMessage, ServerResponse } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '#services/kit/fetch';
import type { Server } from '#services/kit/server';
import { createTestServer } from '#services/kit/test-service';
import { manifest } from './manifest.ts';
import { addPages } from './pages.ts';
import { addPictures } from './pictures/route.ts';
import { createSessionKeeper } from './session.ts';
import { currentVisit } from './visit.ts';

const _logger = pino({ level: 'silent' });
const chaosToken = 'a token for the tests of pages';
let server: Server;
let origin: string;

/** A page that shows what it was made with: in place of Next.js, which is built only for the whole. */
async function render(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const visit = currentVisit();
  if (request.url === '/cart') visit.answerWith(502);
  response.statusCode = 200;
  const body = { session: visit.session, caller: visit.caller, csp: request.headers['content-security-policy'] };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

beforeAll(async () => {
  server = await createTestServer(manifest, { chaosToken });
  // Nobody listens there: customers look around all the same.
  const gateway = createClient({ peer: 'gateway', baseUrl: 'http://127.0.0.1:9', timeoutMs: 500, retries: 0 });
  addPictures(server);
  addPages(server, {
    ...{ gateway, sessions: createSessionKeeper({ gateway, now: Date.now }), render, loopback: true, dev: false },
    reporting: { url: 'https://collectors.example/collect', appKey: 'pk_0123456789abcdef', version: '1' },
  });
  origin = await server.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(() => server.close());

test('a page is made although the gateway is away, and says what it may run and whom its scripts may ask', async () => {
  const answer = await fetch(`${origin}/shop?utm_medium=email`, { headers: { 'sec-ch-ua-mobile': '?1' } });
  const page = await answer.json();
  expect(answer.status).toBe(200);
  expect(page).toMatchObject({ session: null, caller: { device: 'phone', sessionId: null } });
  const csp = answer.headers.get('content-security-policy') ?? '';
  expect(csp).toMatch(/script-src 'self' 'nonce-[\w+/=]{24}' 'strict-dynamic';/);
  expect(csp).toContain("style-src 'self';");
  expect(csp).toContain("connect-src 'self' https://collectors.example;");
  expect(page.csp).toBe(csp);
  expect(answer.headers.get('set-cookie')).toBeNull();
});

test('a page that could not be made says so by its status', async () => {
  expect((await fetch(`${origin}/cart`)).status).toBe(502);
});

test.each([
  ['another site', { origin: 'https://evil.example' }],
  ['nobody who says who they are', {}],
])('a write from %s is refused', async (_who, headers) => {
  const answer = await fetch(`${origin}/checkout`, { method: 'POST', headers, body: 'payment=tok_ok_wallet' });
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ code: 'forbidden' });
});

test('a write from the shop’s own pages comes through, body and all', async () => {
  const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' };
  expect((await fetch(`${origin}/checkout`, { method: 'POST', headers, body: 'a=1' })).status).toBe(200);
});

test('the chaos controller can hurt pages, and health answers all the same', async () => {
  const fault = { id: crypto.randomUUID(), kind: 'error', share: 1, status: 503, ttlSeconds: 30, leaseSeconds: 30 };
  const headers = { 'x-chaos-token': chaosToken, 'content-type': 'application/json' };
  const injected = await fetch(`${origin}/_chaos/faults`, { method: 'POST', headers, body: JSON.stringify(fault) });
  expect(injected.status).toBe(201);
  expect((await fetch(`${origin}/shop`)).status).toBe(503);
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  await fetch(`${origin}/_chaos/faults/${fault.id}`, { method: 'DELETE', headers: { 'x-chaos-token': chaosToken } });
  expect((await fetch(`${origin}/shop`)).status).toBe(200);
});

test('a picture may be kept for ever, and one of nothing is not there', async () => {
  const picture = await fetch(`${origin}/_pictures/1/parka/wool/olive/41.svg`);
  expect(picture.headers.get('content-type')).toBe('image/svg+xml');
  expect(picture.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect((await fetch(`${origin}/_pictures/1/spaceship/wool/olive/41.svg`)).status).toBe(404);
  expect((await fetch(`${origin}/_pictures/1/parka/wool/olive/41.png`)).status).toBe(400);
});
