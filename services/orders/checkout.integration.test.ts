import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CloudEvent } from '#process/bus/cloud-event';
import { createPostgresBus } from '#process/bus/postgres';
import { createDatabase } from '#services/kit/database';
import { projectOrder } from './projection.ts';
import type { OrdersDatabase } from './schema.ts';
import type { Rule } from './shop-fixture.ts';
import { loadOrder } from './store.ts';
import { openShop } from './visit-fixture.ts';

const logger = pino({ level: 'silent' });
const events: CloudEvent[] = [];
const { shop, fillCart, post, read, booksOf, untilFinished } = openShop();
let stopBus: () => Promise<void>;

beforeAll(async () => {
  const bus = await createPostgresBus({ url: shop().busUrl, name: 'test', logger });
  const types = ['order.placed', 'order.confirmed', 'order.cancelled'];
  await bus.consume({ queue: 'test', types, handler: async (event) => void events.push(event) });
  stopBus = bus.stop;
});

afterAll(() => stopBus());

describe('a checkout', () => {
  it('ends in a confirmed order, charged once, its stock taken, and tells everyone who asked what', async () => {
    const cartId = fillCart({ quantity: 2 });
    const { status, body } = await post(cartId, randomUUID());
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'confirmed', totalMinor: 10_000, currency: 'EUR', cancelReason: null });
    expect((await read(String(body.orderId))).body).toEqual(body);
    const books = await untilFinished(cartId);
    expect(books).toMatchObject({ money: { held: 0, charges: 1, refunds: 0 }, stock: 'committed' });
    await vi.waitFor(() => {
      const own = events.filter(({ subject }) => subject === books.id);
      expect(own.map(({ type }) => type).sort()).toEqual(['order.confirmed', 'order.placed']);
      for (const { data } of own) {
        expect(data).toMatchObject({ cartId, sessionId: 's-1', device: 'phone', channel: 'web', totalMinor: 10_000 });
        expect(JSON.stringify(data)).not.toMatch(/tok_|ada@/);
      }
    }, 30_000);
  });

  it('makes an order that the session which placed it can read, and no other', async () => {
    const { body } = await post(fillCart(), randomUUID());
    const orderId = String(body.orderId);
    expect(await read(orderId, { 'x-session-id': 's-1' })).toEqual({ status: 200, body });
    expect(await read(orderId, { 'x-session-id': 's-2' })).toMatchObject({
      status: 404,
      body: { code: 'unknown_order' },
    });
  });

  it('repeated with its key, later or ten times at once, has the same answer, one order and one charge', async () => {
    const cartId = fillCart();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(cartId, key)));
    answers.push(await post(cartId, key));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.status).toBe(201);
    expect((await untilFinished(cartId)).money).toEqual({ held: 0, charges: 1, refunds: 0 });
  });

  it('repeated with its key but another payment is refused', async () => {
    const cartId = fillCart();
    const key = randomUUID();
    await post(cartId, key);
    expect(await post(cartId, key, 'tok_ok_other')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  it('of more than there is says what is left, costs nothing, and says so again', async () => {
    const article = 'BW-0002-OAT-L';
    await shop().query('inventory', `INSERT INTO stock (sku, on_hand) VALUES ('${article}', 3)`);
    const cartId = fillCart({ quantity: 5, article });
    const key = randomUUID();
    const left = [{ sku: article, requested: 5, left: 3 }];
    for (let time = 0; time < 2; time += 1) {
      expect(await post(cartId, key)).toMatchObject({ status: 409, body: { code: 'out_of_stock', left } });
    }
    const books = await untilFinished(cartId);
    expect(books).toMatchObject({ money: { charges: 0, refunds: 0 }, stock: undefined });
  });

  it('with a declined payment gives its stock back', async () => {
    const cartId = fillCart();
    const answer = await post(cartId, randomUUID(), 'tok_insufficient');
    expect(answer).toMatchObject({ status: 402, body: { code: 'payment_declined', reason: 'insufficient_funds' } });
    const books = await untilFinished(cartId);
    expect(books).toMatchObject({ money: { charges: 0, refunds: 0 }, stock: 'released' });
    expect((await read(books.id)).body).toMatchObject({ status: 'cancelled', cancelReason: 'payment_declined' });
  });

  it.each([
    ['a card number', randomUUID(), '4111111111111111', 422, 'card_number_refused'],
    ['no token', randomUUID(), 'visa', 400, 'validation_failed'],
    ['a key too short', 'x', 'tok_ok', 400, 'validation_failed'],
  ])('with %s is refused before anything happens', async (_name, key, token, status, code) => {
    const cartId = fillCart();
    expect(await post(cartId, key, token)).toMatchObject({ status, body: { code } });
    expect((await booksOf(cartId)).log).toEqual([]);
  });

  it('of an empty cart, and an order that does not exist, have their codes', async () => {
    const cartId = randomUUID();
    shop().carts.set(cartId, { cartId, items: [], totalMinor: 0, currency: 'EUR' });
    expect(await post(cartId, randomUUID())).toMatchObject({ status: 422, body: { code: 'cart_empty' } });
    expect(await read(randomUUID())).toMatchObject({ status: 404, body: { code: 'unknown_order' } });
  });
});

const reserveCall = /^POST \/reservations$/;
const payCall = /^POST \/payments$/;
const commitCall = /\/commit$/;
const captureCall = /\/capture$/;
const refundCall = /\/refund$/;
const releaseCall = /^DELETE /;

describe('a checkout whose downstream fails', () => {
  it.each<[string, Rule, string]>([
    ['inventory is away', { call: reserveCall, when: 'before', action: 'cut', times: 2 }, 'inventory_unavailable'],
    [
      'the reservation is not heard of',
      { call: reserveCall, when: 'after', action: 'cut', times: 2 },
      'inventory_unavailable',
    ],
    ['payments is away', { call: payCall, when: 'before', action: 'cut', times: 2 }, 'payments_unavailable'],
    ['the charge is not heard of', { call: payCall, when: 'after', action: 'cut', times: 2 }, 'payments_unavailable'],
    [
      'the commit is not heard of',
      { call: commitCall, when: 'after', action: 'cut', times: 2 },
      'inventory_unavailable',
    ],
  ])('(%s) is undone: no money, no stock', async (_name, rule, code) => {
    shop().rules.push(rule);
    const cartId = fillCart();
    const key = randomUUID();
    expect(await post(cartId, key)).toMatchObject({ status: 502, body: { code } });
    const books = await untilFinished(cartId);
    expect(books.log.at(-1)).toBe('cancelled');
    expect(books.money).toEqual({ held: 0, charges: 0, refunds: 0 });
    expect(books.stock).toBe('released');
    expect(await post(cartId, key)).toMatchObject({ status: 502, body: { code } });
  });

  it('takes the money of a confirmed order however often the answer is lost', async () => {
    shop().rules.push({ call: captureCall, when: 'after', action: 'cut', times: 4 });
    const cartId = fillCart();
    expect((await post(cartId, randomUUID())).status).toBe(201);
    expect((await untilFinished(cartId)).money).toEqual({ held: 0, charges: 1, refunds: 0 });
  });

  it('is undone however long undoing takes', async () => {
    shop().rules.push({ call: payCall, when: 'after', action: 'cut', times: 2 });
    shop().rules.push({ call: refundCall, when: 'before', action: 'cut', times: 4 });
    const cartId = fillCart();
    await post(cartId, randomUUID());
    expect(await untilFinished(cartId)).toMatchObject({
      ...{ money: { held: 0, charges: 0, refunds: 0 }, stock: 'released' },
    });
  });
});

describe('orders killed (SIGKILL) in the middle of a checkout', () => {
  const commitLost: Rule = { call: commitCall, when: 'after', action: 'cut', times: 2 };
  it.each<[string, RegExp, Rule['when'], Rule[], 'confirmed' | 'cancelled']>([
    ['before it reserves', reserveCall, 'before', [], 'confirmed'],
    ['after it reserved', reserveCall, 'after', [], 'confirmed'],
    ['before it pays', payCall, 'before', [], 'confirmed'],
    ['after it paid', payCall, 'after', [], 'confirmed'],
    ['before it commits', commitCall, 'before', [], 'confirmed'],
    ['after it committed', commitCall, 'after', [], 'confirmed'],
    ['before it takes the money', captureCall, 'before', [], 'confirmed'],
    ['after it took the money', captureCall, 'after', [], 'confirmed'],
    ['before it lets the money go', refundCall, 'before', [commitLost], 'cancelled'],
    ['after it let the money go', refundCall, 'after', [commitLost], 'cancelled'],
    ['before it releases', releaseCall, 'before', [commitLost], 'cancelled'],
    ['after it released', releaseCall, 'after', [commitLost], 'cancelled'],
  ])(
    '%s goes on after its restart, and money and stock agree with the order',
    async (_name, call, when, rules, outcome) => {
      const cartId = fillCart();
      const key = randomUUID();
      shop().rules.push(...rules.map((rule) => ({ ...rule })), { call, when, action: 'kill', times: 1 });
      await post(cartId, key).catch(() => undefined);
      await shop().restartOrders();
      const books = await untilFinished(cartId);
      expect(books.log).toContain(outcome);
      const expected =
        outcome === 'confirmed'
          ? { money: { held: 0, charges: 1, refunds: 0 }, stock: 'committed' }
          : { money: { held: 0, charges: 0, refunds: 0 }, stock: 'released' };
      expect(books).toMatchObject(expected);
      expect((await post(cartId, key)).status).toBe(outcome === 'confirmed' ? 201 : 502);
    },
    180_000,
  );
});

describe('the books after all of this', () => {
  it('show every order as its log says: the projection can be thrown away', async () => {
    const db = createDatabase<OrdersDatabase>({ url: shop().ordersDatabaseUrl, name: 'test', logger });
    const rows = await db.selectFrom('orders').selectAll().execute();
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      const state = await loadOrder(db, row.order_id);
      if (state === undefined) throw new Error(`order ${row.order_id} has no log`);
      const { lines, cancel_reason, ...rest } = projectOrder(state);
      const { lines: shownLines, cancel_reason: shownReason, ...shown } = row;
      expect(shown).toEqual(rest);
      expect(shownLines).toEqual(JSON.parse(lines));
      expect(shownReason).toEqual(
        cancel_reason === null || cancel_reason === undefined ? null : JSON.parse(cancel_reason),
      );
    }
    await db.destroy();
  });

  it('cannot be rewritten', async () => {
    await expect(shop().query('orders', "UPDATE order_events SET type = 'confirmed'")).rejects.toThrow('append-only');
    await expect(shop().query('orders', 'DELETE FROM order_events')).rejects.toThrow('append-only');
  });
});
