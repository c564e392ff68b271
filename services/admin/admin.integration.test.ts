import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from '#services/kit/fetch';
import { renderOpenapi } from '#services/kit/openapi';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { manifest } from './manifest.ts';
import { type AdminTables, migrations } from './schema.ts';

const token = 'a-staff-token-of-at-least-thirty-two-characters';
const staff = { authorization: `Bearer ${token}`, 'x-actor': 'grace' };
const review = {
  ...{ reviewId: randomUUID(), productId: 'BW-0001', rating: 1, title: 'T', text: '', status: 'published' },
  ...{ concern: null, postedAt: '2026-01-01T00:00:00.000Z' },
};
const order = {
  ...{ orderId: randomUUID(), status: 'needs_human', cancelReason: 'payments_unavailable' },
  ...{ totalMinor: 5_000, refundedMinor: 0, challengeUntil: null },
  ...{ currency: 'EUR', lines: [], placedAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' },
};
const rebuild = {
  ...{ state: 'running', by: 'grace', orders: 0, reason: null },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', endedAt: null },
};
const sale = {
  ...{ saleId: randomUUID(), productId: 'BW-0001', priceMinor: 1_000, state: 'scheduled' },
  ...{ validFrom: '2030-11-29T00:00:00.000Z', validTo: '2030-12-02T00:00:00.000Z' },
};
const product = {
  ...{ id: 'BW-0001', name: 'Jumper', brand: 'Ostra', category: 'knitwear', description: '', priceMinor: 5_000 },
  ...{ currency: 'EUR', colours: [], sizes: [], variants: [] },
};
const stock = { sku: 'BW-0001-BLK-M', available: 7, status: 'low' };
let service: TestService<AdminTables>;
let db: Kysely<AdminTables>;
let app: Server;
let shop: Server;
/** What the service behind answers. */
let status = 200;
let asked: { url: string; body: unknown }[] = [];

beforeAll(async () => {
  service = await openTestService<AdminTables>({ manifest, migrations });
  ({ db } = service);
  shop = await service.newServer();
  const problem = { type: 'about:blank', title: 'No', code: 'no' };
  const answer = (body: object) => (status < 400 ? body : { ...problem, status });
  shop.put('/stock/:sku', async (request, reply) => {
    asked.push({ url: request.url, body: request.body });
    return reply.code(status).send(answer(stock));
  });
  shop.post('/reviews/:id/decision', async (request, reply) => {
    asked.push({ url: request.url, body: request.body });
    return reply.code(status).send(answer(review));
  });
  shop.post('/orders/:id/:verb', async (request, reply) => {
    asked.push({ url: request.url, body: request.body });
    return reply.code(status).send(answer(order));
  });
  shop.get('/orders', async (request) => {
    asked.push({ url: request.url, body: null });
    return { items: [order], next: null };
  });
  shop.post('/operations/projections/orders/rebuild', async (request, reply) => {
    asked.push({ url: request.url, body: request.body });
    return reply.code(202).send(rebuild);
  });
  shop.get('/operations/projections/orders/rebuild', async () => rebuild);
  shop.put('/orders/:id/refunds/:refundId', async (request, reply) => {
    asked.push({ url: request.url, body: request.body });
    return reply.code(status).send(answer(order));
  });
  shop.put('/products/:id/media', async (request, reply) => {
    asked.push({ url: request.url, body: request.body });
    return reply.code(status).send(answer(product));
  });
  shop.get('/products/:id/sales', async () => ({ items: [sale] }));
  shop.post('/products/:id/sales', async (request, reply) => {
    asked.push({ url: request.url, body: request.body });
    return reply.code(status < 400 ? 201 : status).send(answer(sale));
  });
  shop.delete('/products/:id/sales/:saleId', async (request, reply) => {
    asked.push({ url: request.url, body: null });
    return status < 400 ? reply.code(204).send() : reply.code(status).send(answer({}));
  });
  const baseUrl = await shop.listen({ host: '127.0.0.1', port: 0 });
  app = await service.newServer();
  const client = createClient({ peer: 'shop', baseUrl, timeoutMs: 1_000, retries: 0, breaker: 'none' });
  const peers = { catalog: client, inventory: client, orders: client, reviews: client };
  addRoutes(app, { db, now: () => Date.UTC(2026, 0, 1), token, flagsFile: null, peers });
});

afterAll(async () => {
  await service?.stop();
});

beforeEach(async () => {
  await sql`truncate audit`.execute(db);
  status = 200;
  asked = [];
});

function setStock(headers: Record<string, string> = staff, payload: object = { onHand: 7 }) {
  return app.inject({ method: 'PUT', url: '/admin/stock/BW-0001-BLK-M', headers, payload });
}

async function audit(query = '') {
  return (await app.inject({ url: `/admin/audit${query}`, headers: staff })).json().items;
}

test.each([
  [{}, 401],
  [{ authorization: 'Bearer guessed', 'x-actor': 'eve' }, 401],
  [{ authorization: `Basic ${token}`, 'x-actor': 'eve' }, 401],
  [{ authorization: `Bearer ${token}` }, 400],
])('nothing is done for %o', async (headers, expected) => {
  const response = await setStock(headers as Record<string, string>);
  expect(response.statusCode).toBe(expected);
  expect(asked).toEqual([]);
  expect(await audit()).toEqual([]);
});

describe('a deed', () => {
  test('is done and written down, with who did it', async () => {
    expect((await setStock()).json()).toEqual(stock);
    expect(asked).toEqual([{ url: '/stock/BW-0001-BLK-M', body: { onHand: 7 } }]);
    expect(await audit()).toMatchObject([
      { actor: 'grace', action: 'stock.set', target: 'BW-0001-BLK-M', details: { onHand: 7 }, outcome: 'done' },
    ]);
  });

  test.each([
    [404, 404, 'refused'],
    [500, 502, 'failed'],
  ])('that the service answers with %i is answered with %i and written down as %s', async (theirs, ours, outcome) => {
    status = theirs;
    expect((await setStock()).statusCode).toBe(ours);
    expect(await audit()).toMatchObject([{ outcome }]);
  });

  test('names who decided about a review', async () => {
    const url = `/admin/reviews/${review.reviewId}`;
    const response = await app.inject({ method: 'POST', url, headers: staff, payload: { decision: 'publish' } });
    expect(response.statusCode).toBe(200);
    expect(asked).toMatchObject([{ body: { decision: 'publish', by: 'grace' } }]);
    expect(await audit()).toMatchObject([{ action: 'review.publish' }]);
  });

  test.each([
    ['retry', {}],
    ['resolve', { note: 'Refunded in the portal.' }],
  ])('about an order that needs a human (%s) says by whom', async (verb, payload) => {
    const url = `/admin/orders/${order.orderId}/${verb}`;
    const response = await app.inject({ method: 'POST', url, headers: staff, payload });
    expect([response.statusCode, response.json()]).toEqual([200, order]);
    expect(asked).toEqual([{ url: `/orders/${order.orderId}/${verb}`, body: { ...payload, by: 'grace' } }]);
    const entry = { action: `order.${verb}`, target: order.orderId, outcome: 'done' };
    expect(await audit()).toMatchObject([entry]);
    await setStock();
    expect(await audit(`?target=${order.orderId}`)).toMatchObject([entry]);
  });

  test('of giving money back says how much, why and by whom', async () => {
    const path = `/orders/${order.orderId}/refunds/${randomUUID()}`;
    const payload = { amountMinor: 1_000, note: 'A seam was open.' };
    const response = await app.inject({ method: 'PUT', url: `/admin${path}`, headers: staff, payload });
    expect(response.statusCode).toBe(200);
    expect(asked).toEqual([{ url: path, body: { ...payload, by: 'grace' } }]);
    expect(await audit()).toMatchObject([{ action: 'order.refund', target: order.orderId, details: payload }]);
  });

  test('cannot be rewritten afterwards, nor removed', async () => {
    await setStock();
    await expect(sql`update audit set actor = 'eve'`.execute(db)).rejects.toThrow('not rewritten');
    await expect(sql`update audit set outcome = 'failed'`.execute(db)).rejects.toThrow('not rewritten');
    await expect(sql`delete from audit`.execute(db)).rejects.toThrow('not rewritten');
  });
});

test('orders are searched for by the staff as orders has it', async () => {
  const query = `status=needs_human&userId=${randomUUID()}&idPrefix=0198f6a2&limit=5`;
  const response = await app.inject({ url: `/admin/orders?${query}`, headers: staff });
  expect(response.json()).toEqual({ items: [order], next: null });
  expect(asked).toMatchObject([{ url: `/orders?${query}` }]);
  for (const bad of ['status=lost', 'colour=red', 'cursor=made-up']) {
    const refused = await app.inject({ url: `/admin/orders?${bad}`, headers: staff });
    expect([refused.statusCode, refused.json().detail]).toEqual([
      400,
      expect.stringContaining(String(bad.split('=')[0])),
    ]);
  }
  expect(asked).toHaveLength(1);
});

test('the list of orders is made anew in the name of who asks for it', async () => {
  const url = '/admin/operations/projections/orders/rebuild';
  const begun = await app.inject({ method: 'POST', url, headers: staff });
  expect([begun.statusCode, begun.json()]).toEqual([202, rebuild]);
  expect(asked).toEqual([{ url: url.slice('/admin'.length), body: { by: 'grace' } }]);
  expect(await audit()).toMatchObject([
    { actor: 'grace', action: 'orders.rebuild', target: 'orders', outcome: 'done' },
  ]);
  expect((await app.inject({ url, headers: staff })).json()).toEqual(rebuild);
  expect((await app.inject({ method: 'POST', url })).statusCode).toBe(401);
});

test('pictures of a product are set, with who did it', async () => {
  const url = '/admin/products/BW-0001/media';
  const payload = { media: [{ kind: 'image', url: '/media/1.webp', alt: 'In black', width: 8, height: 10 }] };
  expect((await app.inject({ method: 'PUT', url, headers: staff, payload })).json()).toEqual(product);
  expect(asked).toEqual([{ url: '/products/BW-0001/media', body: payload }]);
  expect(await audit()).toMatchObject([
    { actor: 'grace', action: 'media.set', target: 'BW-0001', details: payload, outcome: 'done' },
  ]);
});

test('sales are listed, scheduled and taken back, with who did it', async () => {
  const url = '/admin/products/BW-0001/sales';
  const { priceMinor, validFrom, validTo } = sale;
  const payload = { priceMinor, validFrom, validTo };
  expect((await app.inject({ url, headers: staff })).json()).toEqual({ items: [sale] });
  const scheduled = await app.inject({ method: 'POST', url, headers: staff, payload });
  expect([scheduled.statusCode, scheduled.json()]).toEqual([201, sale]);
  const cancel = () => app.inject({ method: 'DELETE', url: `${url}/${sale.saleId}`, headers: staff });
  expect((await cancel()).statusCode).toBe(204);
  status = 409;
  expect((await cancel()).json()).toMatchObject({ status: 409, code: 'no' });
  expect(asked[0]).toEqual({ url: '/products/BW-0001/sales', body: payload });
  expect((await audit('?target=BW-0001')).reverse()).toMatchObject([
    { actor: 'grace', action: 'sale.schedule', details: payload, outcome: 'done' },
    { actor: 'grace', action: 'sale.cancel', details: { saleId: sale.saleId }, outcome: 'done' },
    { actor: 'grace', action: 'sale.cancel', outcome: 'refused' },
  ]);
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});
