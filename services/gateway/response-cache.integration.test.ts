import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type GatewayFixture, startGateway } from './gateway-fixture.ts';

let gateway: GatewayFixture;

beforeAll(async () => {
  gateway = await startGateway();
});

afterAll(() => gateway?.stop());

function get(url: string, headers: Record<string, string> = {}) {
  return gateway.app.inject({ url, headers });
}

async function rename(id: string, name: string): Promise<void> {
  const { catalogDb: db } = gateway;
  const { product } = await db.selectFrom('products').select('product').where('id', '=', id).executeTakeFirstOrThrow();
  const changed = JSON.stringify({ ...product, name });
  await sql`update products set product = ${changed}::jsonb where id = ${id}`.execute(db);
}

test('who has an answer already is told so, until it is another', async () => {
  const url = '/api/products/BW-0007';
  const first = await get(url);
  const tag = String(first.headers.etag);
  expect(tag).toMatch(/^"[\w-]{27}"$/);
  const same = await get(url, { 'if-none-match': `"other", W/${tag}` });
  expect(same.statusCode).toBe(304);
  expect(same.body).toBe('');
  expect(same.headers).toMatchObject({ etag: tag, 'cache-control': 'private, no-cache' });
  expect((await get(url, { 'if-none-match': '"other"' })).statusCode).toBe(200);
  await rename('BW-0007', 'Renamed');
  const changed = await get(url, { 'if-none-match': tag });
  expect(changed.statusCode).toBe(200);
  expect(changed.json().name).toBe('Renamed');
});

test('lists are kept for a moment, here and by whoever may keep them; what belongs to somebody by nobody', async () => {
  const url = '/api/products?category=shoes&limit=2';
  const before = await get(url);
  expect(before.headers).toMatchObject({
    'cache-control': 'public, max-age=5, stale-while-revalidate=30',
    vary: 'authorization',
  });
  const [{ id }] = before.json().items;
  await rename(id, 'New');
  expect((await get(url)).json()).toEqual(before.json());
  gateway.pass(6_000);
  // The first who comes after that has what is there; it is asked for anew behind the answer.
  expect((await get(url)).json()).toEqual(before.json());
  await vi.waitFor(async () => expect((await get(url)).json().items[0].name).toBe('New'), { timeout: 10_000 });
  await rename(id, 'Newer');
  gateway.pass(70_000);
  expect((await get(url)).json().items[0].name).toBe('Newer');
  const { authorization } = await gateway.newSession();
  expect((await get(url, { authorization })).headers['cache-control']).toBe('private, no-cache');
  expect((await get('/api/cart', { authorization })).headers['cache-control']).toBe('private, no-cache');
});

test('a failure is not kept', async () => {
  const url = '/api/products/BW-0001/reviews';
  expect((await get(url)).statusCode).toBe(502);
  const again = await get(url);
  expect(again.statusCode).toBe(502);
  expect(again.headers.etag).toBeUndefined();
});
