import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { openShop } from './visit-fixture.ts';

const payCall = /^POST \/payments$/;
const refundCall = /\/refund$/;
const { shop, fillCart, post, read, booksOf, untilFinished } = openShop();

describe('a checkout that cannot be undone', () => {
  const deed = (id: string, verb: string, body: object) =>
    fetch(`${shop().ordersUrl}/orders/${id}/${verb}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    });

  it.each([
    ['retry', { by: 'grace' }, 'retry_requested', { held: 0, charges: 0 }],
    ['resolve', { by: 'grace', note: 'Given back in the portal.' }, 'resolved_by_hand', { held: 1, charges: 0 }],
  ])(
    'waits for a person, who can %s it',
    async (verb, body, type, money) => {
      shop().rules.push({ call: payCall, when: 'after', action: 'cut', times: 1_000 });
      shop().rules.push({ call: refundCall, when: 'before', action: 'cut', times: 1_000 });
      const cartId = fillCart();
      const key = randomUUID();
      await post(cartId, key);
      const { id } = await booksOf(cartId);
      await vi.waitFor(async () => expect((await read(id)).body).toMatchObject({ status: 'needs_human' }), 60_000);
      const list = await fetch(`${shop().ordersUrl}/orders?status=needs_human`);
      expect(await list.json()).toMatchObject({ items: [{ orderId: id, cancelReason: 'payments_unavailable' }] });
      expect(await post(cartId, key)).toMatchObject({ status: 502, body: { code: 'payments_unavailable' } });

      shop().rules.length = 0;
      expect((await deed(id, verb, { ...body, more: 1 })).status).toBe(400);
      expect((await deed(id, verb, body)).status).toBe(200);
      expect(await untilFinished(cartId)).toMatchObject({ money, stock: 'released' });
      expect((await read(id)).body).toMatchObject({ status: 'cancelled' });
      const again = await deed(id, verb, body);
      expect([again.status, await again.json()]).toMatchObject([409, { code: 'not_stuck' }]);
      const trail = await (await fetch(`${shop().ordersUrl}/orders/${id}/events`)).text();
      const { items } = JSON.parse(trail);
      expect(items).toContainEqual(expect.objectContaining({ type, actor: 'staff', by: 'grace' }));
      expect(items[0]).toMatchObject({ type: 'placed', actor: 'customer', by: null, data: { sessionId: 's-1' } });
      expect(items[1]).toMatchObject({ type: 'stock_requested', actor: 'shop', by: null });
      expect(trail).not.toMatch(/tok_|ada@/);
    },
    120_000,
  );
});

describe('an order whose money the bank holds no longer', () => {
  it('needs a human as soon as it is to be taken, who is told why, and takes it otherwise', async () => {
    shop().rules.push({ call: /\/capture$/, when: 'before', action: 'cut', times: 1_000 });
    const { body } = await vi.waitFor(async () => {
      const answer = await post(fillCart(), randomUUID());
      expect(answer.status).toBe(201);
      return answer;
    }, 60_000);
    const id = String(body.orderId);
    await shop().query(
      'payments',
      `UPDATE acquirer.charges SET expires_at = now() WHERE key = (SELECT payment_id FROM payments WHERE order_id = '${id}')`,
    );
    shop().rules.length = 0;
    await vi.waitFor(async () => expect((await read(id)).body).toMatchObject({ status: 'needs_human' }), 60_000);
    const stuck = `SELECT data FROM order_events WHERE stream = '${id}' AND type = 'needs_human'`;
    const data = { call: 'capture', attempts: expect.any(Number), reason: 'authorisation_expired' };
    expect(await shop().query('orders', stuck)).toEqual([{ data }]);
    const [payment] = await shop().query('payments', `SELECT status FROM payments WHERE order_id = '${id}'`);
    expect(payment).toEqual({ status: 'expired' });
    await fetch(`${shop().ordersUrl}/orders/${id}/resolve`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ by: 'grace', note: 'Paid by bank transfer.' }),
    });
    await vi.waitFor(async () => expect((await read(id)).body).toMatchObject({ status: 'confirmed' }), 60_000);
  }, 120_000);
});

describe('a confirmed order', () => {
  const refund = (id: string, refundId: string, amountMinor?: number) =>
    fetch(`${shop().ordersUrl}/orders/${id}/refunds/${refundId}`, {
      ...{ method: 'PUT', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ by: 'grace', note: 'A seam was open.', amountMinor }),
    });
  const until = (id: string, expected: object) =>
    vi.waitFor(async () => expect((await read(id)).body).toMatchObject(expected), 60_000);

  it('is given back in parts, each once, though answers are lost, and never more than was paid', async () => {
    // The breaker to payments may still be open after what the tests above did to it.
    const { body } = await vi.waitFor(async () => {
      const answer = await post(fillCart({ quantity: 2 }), randomUUID());
      expect(answer.status).toBe(201);
      return answer;
    }, 60_000);
    const id = String(body.orderId);
    const [part, rest] = [randomUUID(), randomUUID()];
    shop().rules.push({ call: /\/refunds\//, when: 'after', action: 'cut', times: 3 });
    expect((await refund(id, part, 3_000)).status).toBe(200);
    await until(id, { status: 'confirmed', refundedMinor: 3_000 });
    expect((await refund(id, part, 3_000)).status).toBe(200);
    expect((await refund(id, part, 3_001)).status).toBe(422);
    expect((await refund(id, randomUUID(), 7_001)).status).toBe(422);
    expect((await refund(id, rest)).status).toBe(200);
    await until(id, { status: 'refunded', refundedMinor: 10_000 });
    expect((await refund(id, randomUUID(), 1)).status).toBe(409);

    const bank = await shop().query(
      'payments',
      `SELECT r.amount_minor FROM acquirer.refunds r JOIN payments ON payment_id = key WHERE order_id = '${id}' ORDER BY 1`,
    );
    expect(bank.map(({ amount_minor: amount }) => amount)).toEqual([3_000, 7_000]);
    const payments = await shop().query('payments', `SELECT status FROM payments WHERE order_id = '${id}'`);
    expect(payments).toEqual([{ status: 'refunded' }]);
    const told = await shop().query(
      'orders',
      `SELECT type FROM order_events WHERE stream = '${id}' AND type = 'refunded'`,
    );
    expect(told).toHaveLength(2);
  }, 120_000);
});

describe('the list of orders', () => {
  const url = () => `${shop().ordersUrl}/operations/projections/orders/rebuild`;
  const ask = (body: object) =>
    fetch(url(), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const shown = () => shop().query('orders', 'SELECT * FROM orders ORDER BY order_id');

  it('is made anew though orders is killed (SIGKILL) in the middle of it', async () => {
    const before = await shown();
    expect(before.length).toBeGreaterThan(2);
    await shop().query('orders', "UPDATE orders SET status = 'cancelled', total_minor = 1, version = 999");
    // Where it would note how far it is, it has to wait for us.
    const us = new pg.Client({ connectionString: shop().ordersDatabaseUrl });
    await us.connect();
    await us.query('SELECT pg_advisory_lock(99)');
    await us.query(`
      CREATE FUNCTION wait_for_us() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(99); RETURN NEW; END $$;
      CREATE TRIGGER wait_for_us BEFORE UPDATE ON projection_rebuilds FOR EACH ROW EXECUTE FUNCTION wait_for_us()`);
    expect((await ask({ by: 'grace', more: 1 })).status).toBe(400);
    expect((await ask({ by: 'grace' })).status).toBe(202);
    const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 99 AND NOT granted`;
    await vi.waitFor(async () => expect((await us.query(waiting)).rowCount).toBe(1), 30_000);
    expect(await (await ask({ by: 'grace' })).json()).toMatchObject({ status: 409, code: 'rebuild_running' });
    shop().killOrders();
    await us.end();
    await shop().restartOrders();
    await vi.waitFor(async () => expect(await (await fetch(url())).json()).toMatchObject({ state: 'done' }), 60_000);
    expect(await shown()).toEqual(before);
    expect((await post(fillCart(), randomUUID())).status).toBe(201);
  }, 120_000);
});
