import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CloudEvent } from '#process/bus/cloud-event';
import type { Bus } from '#process/bus/port';
import { createPostgresBus } from '#process/bus/postgres';
import { createClient } from '#services/kit/fetch';
import { renderOpenapi } from '#services/kit/openapi';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes, onOrderConfirmed } from './app.ts';
import { maxLines } from './contract.ts';
import { manifest } from './manifest.ts';
import { onProductChanged, type PriceDeps } from './prices.ts';
import { type CartTables, migrations } from './schema.ts';
import { createCartStore } from './store.ts';
import { expireItems } from './upkeep.ts';

const nowMs = Date.UTC(2026, 0, 1);
/** Prices by SKU, as the catalogue beside it answers; null: it fails. */
const prices = new Map<string, number | null>();
/** Called when the catalogue has looked up a price and before its answer leaves. */
let beforeAnswer: (sku: string) => Promise<void> = async () => {};
let service: TestService<CartTables>;
let db: Kysely<CartTables>;
let bus: Bus;
let catalog: Server;
let app: Server;
let deps: PriceDeps;
let cartId: string;

beforeAll(async () => {
  service = await openTestService<CartTables>({ manifest, migrations, databases: ['bus'] });
  ({ db } = service);
  bus = await createPostgresBus({ url: service.postgres.url('bus'), name: 'cart', logger: service.logger });
  catalog = await service.newServer();
  catalog.get('/variants/:sku', async (request, reply) => {
    const { sku } = request.params as { sku: string };
    const priceMinor = prices.get(sku);
    if (priceMinor === undefined) return reply.code(404).send({});
    if (priceMinor === null) return reply.code(500).send({});
    await beforeAnswer(sku);
    const productId = sku.slice(0, 7);
    return { sku, productId, name: 'Jumper', brand: 'Ostra', colour: 'Black', size: 'M', priceMinor, currency: 'EUR' };
  });
  const baseUrl = await catalog.listen({ host: '127.0.0.1', port: 0 });
  deps = { db, now: () => nowMs, catalog: createClient({ peer: 'catalog', baseUrl, timeoutMs: 2_000, retries: 0 }) };
  const shared = { ...deps, store: createCartStore(db), changed: () => {} };
  app = await service.newServer();
  addRoutes(app, shared);
  await bus.consume({
    queue: 'cart.order.confirmed',
    types: ['order.confirmed'],
    handler: (event) => onOrderConfirmed(shared, event),
  });
});

afterAll(async () => {
  await bus?.stop();
  await service?.stop();
});

beforeEach(async () => {
  cartId = randomUUID();
  prices.clear();
  prices.set('BW-0001-BLK-M', 5_990).set('BW-0002-BLK-M', 12_990);
  beforeAnswer = async () => {};
  await db.deleteFrom('outbox').execute();
  await db.deleteFrom('product_changes').execute();
});

async function put(sku: string, quantity: number, headers: Record<string, string> = {}) {
  return app.inject({ method: 'POST', url: `/carts/${cartId}/items`, payload: { sku, quantity }, headers });
}

async function readCart() {
  return (await app.inject(`/carts/${cartId}`)).json();
}

async function readEvents(): Promise<CloudEvent[]> {
  return (await db.selectFrom('outbox').select('event').orderBy('seq').execute()).map(({ event }) => event);
}

describe('a cart', () => {
  test('that nobody has put anything into is empty', async () => {
    expect(await readCart()).toEqual({ cartId, items: [], totalMinor: 0, currency: 'EUR' });
  });

  test('adds up in minor units', async () => {
    await put('BW-0001-BLK-M', 2);
    const cart = (await put('BW-0002-BLK-M', 1)).json();
    expect(cart.totalMinor).toBe(2 * 5_990 + 12_990);
    expect(cart).toEqual(await readCart());
  });

  test('keeps the price at which an article was put in, until it is put in again', async () => {
    await put('BW-0001-BLK-M', 1);
    prices.set('BW-0001-BLK-M', 4_990);
    expect(await readCart()).toMatchObject({ totalMinor: 5_990 });
    expect((await put('BW-0001-BLK-M', 1)).json()).toMatchObject({ totalMinor: 4_990 });
  });

  test('has a quantity set, not added, so that a repetition changes nothing', async () => {
    await put('BW-0001-BLK-M', 2);
    await put('BW-0001-BLK-M', 2);
    expect((await readCart()).items).toMatchObject([{ sku: 'BW-0001-BLK-M', quantity: 2 }]);
  });

  test('loses nothing to changes at the same time', async () => {
    for (let n = 0; n < 10; n += 1) prices.set(`BW-01${10 + n}-BLK-M`, 100);
    await Promise.all(Array.from({ length: 10 }, (_, n) => put(`BW-01${10 + n}-BLK-M`, 1)));
    expect((await readCart()).totalMinor).toBe(1_000);
  });

  test('tells of every change, with session, device and channel', async () => {
    const headers = { 'x-session-id': cartId, 'x-device': 'phone', 'x-channel': 'app' };
    await put('BW-0001-BLK-M', 2, headers);
    await app.inject({ method: 'DELETE', url: `/carts/${cartId}/items/BW-0001-BLK-M`, headers });
    await app.inject({ method: 'DELETE', url: `/carts/${cartId}/items/BW-0001-BLK-M`, headers });
    const events = await readEvents();
    expect(events.map(({ type }) => type)).toEqual(['cart.updated', 'cart.updated']);
    expect(events.map(({ data }) => data)).toMatchObject([
      { sku: 'BW-0001-BLK-M', quantity: 2, totalMinor: 11_980, sessionId: cartId, device: 'phone', channel: 'app' },
      { sku: 'BW-0001-BLK-M', quantity: 0, totalMinor: 0 },
    ]);
  });

  test(`holds at most ${maxLines} articles, and a refusal changes nothing`, async () => {
    for (let n = 0; n <= maxLines; n += 1) prices.set(`BW-${1000 + n}-BLK-M`, 100);
    for (let n = 0; n < maxLines; n += 1) await put(`BW-${1000 + n}-BLK-M`, 1);
    expect((await put(`BW-${1000 + maxLines}-BLK-M`, 1)).json()).toMatchObject({ status: 409, code: 'cart_full' });
    expect((await readCart()).items).toHaveLength(maxLines);
  });

  test.each([
    { payload: { sku: 'BW-0001-BLK-M', quantity: 0 }, status: 400, code: 'validation_failed' },
    { payload: { sku: 'BW-0001-BLK-M', quantity: 1.5 }, status: 400, code: 'validation_failed' },
    { payload: { sku: 'BW-0001-BLK-M', quantity: 21 }, status: 400, code: 'validation_failed' },
    { payload: { sku: 'nonsense', quantity: 1 }, status: 400, code: 'validation_failed' },
    { payload: { sku: 'BW-0009-BLK-M', quantity: 1 }, status: 404, code: 'unknown_sku' },
  ])('refuses $payload: $code', async ({ payload, status, code }) => {
    const response = await app.inject({ method: 'POST', url: `/carts/${cartId}/items`, payload });
    expect(response.json()).toMatchObject({ status, code });
    expect((await readCart()).items).toEqual([]);
  });

  test('says that catalog failed when catalog failed', async () => {
    prices.set('BW-0001-BLK-M', null);
    expect((await put('BW-0001-BLK-M', 1)).json()).toMatchObject({ status: 502, code: 'downstream_failed' });
  });
});

describe('a confirmed order', () => {
  function confirmed(): CloudEvent {
    return {
      specversion: '1.0',
      id: randomUUID(),
      source: '/services/orders',
      type: 'order.confirmed',
      subject: 'o-1',
      time: new Date(nowMs).toISOString(),
      datacontenttype: 'application/json',
      data: { orderId: randomUUID(), cartId, totalMinor: 5_990, currency: 'EUR' },
    };
  }

  test('empties its cart, and what is put in afterwards stays although the event comes again', async () => {
    await put('BW-0001-BLK-M', 1);
    const event = confirmed();
    await bus.publish([event]);
    await expect.poll(async () => (await readCart()).items, { timeout: 60_000 }).toEqual([]);
    await put('BW-0002-BLK-M', 1);
    const shared = { store: createCartStore(db), now: () => nowMs, changed: () => {} };
    await onOrderConfirmed(shared, event);
    expect((await readCart()).items).toHaveLength(1);
    const types = (await readEvents()).map(({ type }) => type);
    expect(types.filter((type) => type === 'cart.checked_out')).toHaveLength(1);
  });
});

describe('signing in', () => {
  const userCart = 'user-cart-0001';
  const merge = (from: string) =>
    app.inject({ method: 'POST', url: `/carts/${userCart}/merge`, payload: { from } }).then((answer) => answer.json());

  test('adds the guest’s cart to the user’s, once, and no more than a cart holds', async () => {
    await put('BW-0001-BLK-M', 15);
    await put('BW-0002-BLK-M', 1);
    const first = await merge(cartId);
    expect(first.items).toMatchObject([{ quantity: 15 }, { quantity: 1 }]);
    expect((await merge(cartId)).items).toEqual(first.items);
    await put('BW-0001-BLK-M', 15);
    expect((await merge(cartId)).items).toMatchObject([{ sku: 'BW-0001-BLK-M', quantity: 20 }, { quantity: 1 }]);
    expect((await readCart()).items).toEqual([]);
  });

  test('both ways at once neither loses nor doubles a piece', async () => {
    const [one, other] = ['cart-number-1', 'cart-number-2'];
    const payload = { sku: 'BW-0001-BLK-M', quantity: 2 };
    for (const id of [one, other]) await app.inject({ method: 'POST', url: `/carts/${id}/items`, payload });
    await Promise.all(
      [
        [one, other],
        [other, one],
      ].map(([id, from]) => app.inject({ method: 'POST', url: `/carts/${id}/merge`, payload: { from } })),
    );
    const carts = await Promise.all([one, other].map(async (id) => (await app.inject(`/carts/${id}`)).json()));
    const pieces = carts.flatMap(({ items }) => items).reduce((sum: number, item) => sum + item.quantity, 0);
    expect(pieces).toBe(4);
  });
});

describe('a price that changes', () => {
  const changed = (productId: string): CloudEvent => ({
    ...{
      specversion: '1.0',
      id: randomUUID(),
      source: '/services/catalog',
      type: 'product.changed',
      subject: productId,
    },
    ...{ time: new Date(nowMs).toISOString(), datacontenttype: 'application/json', data: { productId, skus: [] } },
  });

  test('is the one to pay, and the cart says what it was, until it is put in again or it is the old one again', async () => {
    await put('BW-0001-BLK-M', 1);
    prices.set('BW-0001-BLK-M', 4_990);
    await onProductChanged(deps, changed('BW-0001'));
    await onProductChanged(deps, changed('BW-0001'));
    expect((await readCart()).items).toMatchObject([{ unitPriceMinor: 4_990, previousPriceMinor: 5_990 }]);
    prices.set('BW-0001-BLK-M', 5_990);
    await onProductChanged(deps, changed('BW-0001'));
    expect((await readCart()).items).toMatchObject([{ unitPriceMinor: 5_990, previousPriceMinor: null }]);
    prices.set('BW-0001-BLK-M', 4_990);
    await onProductChanged(deps, changed('BW-0001'));
    expect((await put('BW-0001-BLK-M', 2)).json().items).toMatchObject([
      { unitPriceMinor: 4_990, previousPriceMinor: null },
    ]);
  });

  test('while an article is put in, or between that and a sign-in, is not missed', async () => {
    beforeAnswer = async () => {
      beforeAnswer = async () => {};
      // The catalogue has read the old price by now, and its answer is on the way.
      prices.set('BW-0001-BLK-M', 4_990);
      await onProductChanged(deps, changed('BW-0001'));
    };
    expect((await put('BW-0001-BLK-M', 1)).json().items).toMatchObject([
      { unitPriceMinor: 4_990, previousPriceMinor: 5_990 },
    ]);
    expect(await readCart()).toMatchObject({ totalMinor: 4_990 });
    // As if the cart had been on its way from the guest to the user while the event was dealt with.
    await db.updateTable('cart_items').set({ unit_price_minor: 5_990, previous_price_minor: null }).execute();
    const payload = { from: cartId };
    const merged = await app.inject({ method: 'POST', url: `/carts/${randomUUID()}/merge`, payload });
    expect(merged.json()).toMatchObject({ totalMinor: 4_990 });
    // A cart that came along has come along, also while the catalogue fails.
    prices.set('BW-0001-BLK-M', null);
    const from = merged.json().cartId;
    const again = await app.inject({ method: 'POST', url: `/carts/${randomUUID()}/merge`, payload: { from } });
    expect(again.statusCode).toBe(200);
    expect(again.json()).toMatchObject({ totalMinor: 4_990 });
  });

  test('twice at once ends with the last one', async () => {
    await put('BW-0001-BLK-M', 1);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    beforeAnswer = () => held;
    prices.set('BW-0001-BLK-M', 4_990);
    const first = onProductChanged(deps, changed('BW-0001'));
    await expect.poll(async () => (await db.selectFrom('product_changes').selectAll().execute()).length).toBe(1);
    prices.set('BW-0001-BLK-M', 3_990);
    const second = onProductChanged(deps, changed('BW-0001'));
    release();
    await Promise.all([first, second]);
    expect(await readCart()).toMatchObject({ totalMinor: 3_990 });
  });
});

test('what lies in a cart for a month is forgotten', async () => {
  await put('BW-0001-BLK-M', 1);
  const { added_at: addedAt } = await db.selectFrom('cart_items').select('added_at').executeTakeFirstOrThrow();
  await expireItems(db, addedAt.getTime() + 29 * 24 * 3_600_000);
  expect((await readCart()).items).toHaveLength(1);
  await expireItems(db, addedAt.getTime() + 31 * 24 * 3_600_000);
  expect((await readCart()).items).toEqual([]);
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});
