import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type GatewayFixture, limits, startGateway } from './gateway-fixture.ts';
import { classOf } from './rate-limits.ts';

let gateway: GatewayFixture;
const usual = structuredClone(limits);

beforeAll(async () => {
  gateway = await startGateway();
});

afterEach(() => {
  Object.assign(limits, structuredClone(usual));
});

afterAll(() => gateway?.stop());

test.each([
  ['/api/products/:id', 'browse'],
  ['/api/cart/items/:sku', 'cart'],
  ['/api/orders/:id', 'cart'],
  ['/api/checkout', 'checkout'],
  ['/api/session', 'account'],
  ['/api/sign-in', 'account'],
  ['/oauth/*', 'account'],
])('%s counts as %s', (route, expected) => {
  expect(classOf(route)).toBe(expected);
});

test('a client that asks too often is told when to come again, and others are not bothered', async () => {
  limits.client.browse = 3;
  const [one, two] = [await gateway.newSession(), await gateway.newSession()];
  const look = (authorization: string) =>
    gateway.app.inject({ url: '/api/products?limit=1', headers: { authorization } });
  const answers = [];
  for (let n = 0; n < 4; n += 1) answers.push(await look(one.authorization));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429]);
  expect(answers[0]?.headers).toMatchObject({ 'ratelimit-limit': '3', 'ratelimit-remaining': '2' });
  const refused = answers[3];
  expect(refused?.json()).toMatchObject({ code: 'rate_limited', status: 429 });
  expect(refused?.headers['content-type']).toContain('application/problem+json');
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await look(two.authorization)).statusCode).toBe(200);
  // Who has looked too much can still see the cart.
  const cart = await gateway.app.inject({ url: '/api/cart', headers: { authorization: one.authorization } });
  expect(cart.statusCode).toBe(200);
});

test('without a valid token the address counts: making tokens up does not help', async () => {
  limits.address.browse = 2;
  const look = (headers: Record<string, string>) =>
    gateway.app.inject({ url: '/api/products?limit=2', headers, remoteAddress: '192.0.2.7' });
  const statuses = [];
  for (const token of ['a.b.c', 'd.e.f', 'g.h.i']) {
    statuses.push((await look({ authorization: `Bearer ${token}` })).statusCode);
  }
  expect(statuses).toEqual([401, 401, 429]);
  expect((await look({})).statusCode).toBe(429);
});
