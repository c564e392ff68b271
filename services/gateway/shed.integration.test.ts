import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Server } from '#services/kit/server';
import { createTestServer } from '#services/kit/test-service';
import { manifest } from './manifest.ts';
import { priorityOf, registerShedding } from './shed.ts';

const limits = {
  browse: { inFlight: 2, lagMs: 100 },
  cart: { inFlight: 3, lagMs: 200 },
  checkout: { inFlight: 4, lagMs: 300 },
};
let app: Server;
let url: string;
let lagMs = 0;
let release: () => void;
let arrived = 0;

beforeEach(async () => {
  lagMs = 0;
  arrived = 0;
  app = await createTestServer(manifest);
  registerShedding(app, { limits, lagMs: { read: () => lagMs, stop: () => {} } });
  const waiting = new Promise<void>((resolve) => {
    release = resolve;
  });
  for (const path of ['/api/products', '/api/cart', '/api/checkout']) {
    app.get(path, async () => {
      arrived += 1;
      await waiting;
      return {};
    });
  }
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  release();
  await app.close();
});

async function get(path: string): Promise<number> {
  const response = await fetch(`${url}${path}`);
  await response.body?.cancel();
  return response.status;
}

test('looking is turned away first, then carts, and who pays last; health never', async () => {
  const open: Promise<number>[] = [];
  const take = async (path: string): Promise<void> => {
    open.push(get(path));
    await expect.poll(() => arrived).toBe(open.length);
  };
  await take('/api/products');
  await take('/api/products');
  expect(await get('/api/products')).toBe(503);
  await take('/api/cart');
  expect(await get('/api/cart')).toBe(503);
  await take('/api/checkout');
  expect(await get('/api/checkout')).toBe(503);
  expect(await get('/readyz')).toBe(200);
  release();
  expect(await Promise.all(open)).toEqual([200, 200, 200, 200]);
  await expect.poll(() => get('/api/products')).toBe(200);
});

test('who is turned away is told when to come again', async () => {
  lagMs = 150;
  const response = await fetch(`${url}/api/products`);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(await response.json()).toMatchObject({ status: 503, code: 'overloaded' });
  release();
  expect(await get('/api/cart')).toBe(200);
  lagMs = 250;
  expect(await get('/api/cart')).toBe(503);
  expect(await get('/api/checkout')).toBe(200);
});

test('a place is free again when a client leaves before the answer', async () => {
  const abort = new AbortController();
  const left = [1, 2].map(() => fetch(`${url}/api/products`, { signal: abort.signal }).catch(() => undefined));
  await expect.poll(() => arrived).toBe(2);
  expect(await get('/api/products')).toBe(503);
  abort.abort();
  await Promise.all(left);
  release();
  await expect.poll(() => get('/api/products')).toBe(200);
});

test.each([
  ['/api/checkout', 'checkout'],
  ['/api/orders/:id', 'checkout'],
  ['/api/cart/items', 'cart'],
  ['/api/sign-in', 'cart'],
  ['/api/search', 'browse'],
  ['/api/products/:id/reviews', 'browse'],
  ['/readyz', null],
  [undefined, null],
])('%s has priority %s', (route, priority) => {
  expect(priorityOf(route)).toBe(priority);
});
