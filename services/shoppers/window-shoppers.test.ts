import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createClient } from '#services/kit/fetch';
import { createRandom } from './random.ts';
import { planView, startWindowShoppers } from './window-shoppers.ts';

let close: (() => void)[] = [];
afterEach(() => {
  for (const step of close.reverse()) step();
  close = [];
});

test('they look at the window, at shelves, at products and at what a search found, with phones and without', () => {
  const random = createRandom(7);
  const views = Array.from({ length: 400 }, () => planView(random));
  for (const pattern of [/^\/$/, /^\/shop\?category=\w+$/, /^\/products\/BW-0\d{3}$/, /^\/shop\?q=/]) {
    expect(views.filter(({ path }) => pattern.test(path)).length).toBeGreaterThan(20);
  }
  expect(new Set(views.map(({ device }) => device))).toEqual(new Set(['phone', 'desktop']));
});

/** A shop that keeps everybody waiting. */
async function openStuckShop(): Promise<{ url: string; visits: string[] }> {
  const visits: string[] = [];
  const server = createServer((request) => void visits.push(String(request.headers['user-agent'])));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  close.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { url: `http://127.0.0.1:${address.port}`, visits };
}

test('they come although those before them have not been served, and stay away when told to', async () => {
  const { url, visits } = await openStuckShop();
  const storefront = createClient({ peer: 'storefront', baseUrl: url, timeoutMs: 60_000, retries: 0, breaker: 'none' });
  const stop = startWindowShoppers({ storefront, viewsPerSecond: () => 200, random: createRandom(1) });
  close.push(stop);
  while (visits.length < 5) await delay(10);
  stop();
  await delay(50);
  const before = visits.length;
  await delay(100);
  expect(visits.length).toBe(before);
  expect(visits[0]).toMatch(/Mozilla/);
});
