import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from '#services/kit/fetch';
import { openTestFlags, type TestFlags } from '#services/kit/flags/test-flags';
import { renderOpenapi } from '#services/kit/openapi';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { manifest } from './manifest.ts';
import { migrations, type ReviewsTables } from './schema.ts';

const nowMs = Date.UTC(2026, 0, 1);
let service: TestService<ReviewsTables>;
let db: Kysely<ReviewsTables>;
let app: Server;
let flags: TestFlags;
let orders: Server;
/** What orders answers about the order that is asked for; the real one has tests of its own. */
let order: { status: number; state: 'confirmed' | 'cancelled'; skus: string[] };
let askedAs: (string | undefined)[] = [];

beforeAll(async () => {
  service = await openTestService<ReviewsTables>({ manifest, migrations });
  ({ db } = service);
  orders = await service.newServer();
  orders.get('/orders/:id', async (request, reply) => {
    askedAs.push(request.headers['x-session-id']?.toString());
    const { id } = request.params as { id: string };
    const lines = order.skus.map((sku) => ({ sku, name: 'Jumper', quantity: 1, unitPriceMinor: 100 }));
    const times = { placedAt: new Date(nowMs).toISOString(), updatedAt: new Date(nowMs).toISOString() };
    const body = { orderId: id, status: order.state, cancelReason: null, totalMinor: 100, currency: 'EUR', lines };
    return reply.code(order.status).send({ ...body, ...times });
  });
  const baseUrl = await orders.listen({ host: '127.0.0.1', port: 0 });
  app = await service.newServer();
  const client = createClient({ peer: 'orders', baseUrl, timeoutMs: 1_000, retries: 0, breaker: 'none' });
  flags = await openTestFlags('reviews', service.logger);
  addRoutes(app, { db, orders: client, flags: flags.flags, now: () => nowMs, changed: () => {} });
});

afterAll(async () => {
  await flags?.stop();
  await service?.stop();
});

beforeEach(async () => {
  order = { status: 200, state: 'confirmed', skus: ['BW-0001-BLK-M'] };
  askedAs = [];
  for (const table of ['reviews', 'ratings', 'outbox'] as const) await db.deleteFrom(table).execute();
});

async function post(body: object, productId = 'BW-0001', headers: Record<string, string> = { 'x-session-id': 's-1' }) {
  const payload = { orderId: randomUUID(), rating: 5, title: 'Warm', text: 'Light, too.', ...body };
  const response = await app.inject({ method: 'POST', url: `/products/${productId}/reviews`, payload, headers });
  return { status: response.statusCode, body: response.json() };
}

async function read(productId = 'BW-0001') {
  return (await app.inject(`/products/${productId}/reviews`)).json();
}

describe('a review', () => {
  test('of somebody who bought the product appears and counts, once per order', async () => {
    const orderId = randomUUID();
    const first = await post({ orderId, rating: 4 });
    expect(first).toMatchObject({ status: 201, body: { status: 'published', rating: 4 } });
    expect((await post({ orderId, rating: 1 })).body).toEqual(first.body);
    await post({ rating: 5 });
    expect(await read()).toMatchObject({ count: 2, average: 4.5, histogram: [0, 0, 0, 1, 1] });
    expect(askedAs).toEqual(['s-1', 's-1', 's-1']);
    const events = await db.selectFrom('outbox').select('event').execute();
    expect(events.map(({ event }) => event.type)).toEqual(['review.posted', 'review.posted']);
    expect(JSON.stringify(events)).not.toContain('Warm');
  });

  test.each([
    ['of a product that is not in the order', { skus: ['BW-0002-BLK-M'] }],
    ['of a product whose id only begins alike', { skus: ['BW-00011-BLK-M'] }],
    ['for an order that was cancelled', { state: 'cancelled' as const }],
    ['for an order that is not the own', { status: 404 }],
  ])('%s is refused', async (_what, change) => {
    order = { ...order, ...change };
    expect(await post({})).toMatchObject({ status: 403, body: { code: 'not_purchased' } });
    expect((await read()).count).toBe(0);
  });

  test('of nobody is refused without asking', async () => {
    expect((await post({}, 'BW-0001', {})).status).toBe(403);
    expect(askedAs).toEqual([]);
  });

  test('waits while orders cannot be asked: nothing unverified is kept', async () => {
    order = { ...order, status: 500 };
    expect((await post({})).status).toBe(502);
    expect((await read()).count).toBe(0);
  });

  test.each([{ rating: 0 }, { rating: 4.5 }, { title: ' ' }, { text: 'x'.repeat(2_001) }, { verified: true }])(
    'is refused when it is not as it should be: %o',
    async (body) => {
      expect(await post(body)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    },
  );
});

describe('moderation', () => {
  const suspicious = { title: 'Look', text: 'cheaper at www.elsewhere.example' };

  test('keeps back what gives concern until a person decides, once', async () => {
    const { body } = await post(suspicious);
    expect(body).toMatchObject({ status: 'pending', concern: 'contains a link' });
    expect(await read()).toMatchObject({ items: [], count: 0, average: null });
    const url = `/reviews/${body.reviewId}/decision`;
    const decision = { decision: 'publish', by: 'grace' };
    expect((await app.inject({ method: 'POST', url, payload: decision })).json()).toMatchObject({
      status: 'published',
    });
    expect((await app.inject({ method: 'POST', url, payload: decision })).json()).toMatchObject({
      code: 'already_decided',
    });
    expect(await read()).toMatchObject({ count: 1 });
  });

  test('what is rejected never appears', async () => {
    const { body } = await post(suspicious);
    const payload = { decision: 'reject', by: 'grace' };
    await app.inject({ method: 'POST', url: `/reviews/${body.reviewId}/decision`, payload });
    expect(await read()).toMatchObject({ items: [], count: 0 });
    expect((await app.inject('/reviews/pending')).json()).toEqual({ items: [] });
  });
});

test('ratings of many at once are all counted', async () => {
  const given = Array.from({ length: 20 }, (_, index) => (index % 5) + 1);
  await Promise.all(given.map((rating) => post({ rating })));
  expect(await read()).toMatchObject({ count: 20, histogram: [4, 4, 4, 4, 4] });
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});

test('every review waits for a person while the flag reviews-held is on', async () => {
  await flags.set('reviews-held', true);
  expect((await post({})).body).toMatchObject({ status: 'pending' });
  await flags.set('reviews-held', false);
  expect((await post({})).body).toMatchObject({ status: 'published' });
});
