import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { type Shop, startShop } from './shop-fixture.ts';

type Answer = { status: number; body: Record<string, unknown> };

const sku = 'BW-0001-BLK-M';

/** A shop for the tests of a file, in which nothing is cut off at the beginning of each. */
export function openShop() {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  }, 120_000);
  afterEach(() => {
    shop.rules.length = 0;
  });
  afterAll(() => shop.stop(), 30_000);
  return { shop: () => shop, ...visit(() => shop) };
}

/** What a customer does in the shop of a test, and what stands in its books afterwards. */
function visit(shop: () => Shop) {
  function fillCart({ quantity = 1, article = sku } = {}): string {
    const cartId = randomUUID();
    const item = { sku: article, productId: 'BW-0001', name: 'Jumper', brand: 'Ostra', colour: 'Black', size: 'M' };
    const price = { unitPriceMinor: 5_000, lineTotalMinor: 5_000 * quantity, previousPriceMinor: null };
    const priced = { ...item, quantity, ...price };
    shop().carts.set(cartId, { cartId, items: [priced], totalMinor: 5_000 * quantity, currency: 'EUR' });
    return cartId;
  }

  async function post(cartId: string, key: string, paymentToken = 'tok_ok_visa'): Promise<Answer> {
    const caller = { 'x-session-id': 's-1', 'x-device': 'phone', 'x-channel': 'web' };
    const answer = await fetch(`${shop().ordersUrl}/checkouts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...caller },
      body: JSON.stringify({ cartId, paymentToken, email: 'ada@example.com' }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  async function read(orderId: string, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await fetch(`${shop().ordersUrl}/orders/${orderId}`, { headers });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** Money, stock and log of one cart's order, each from its own books. */
  async function booksOf(cartId: string) {
    const [order] = await shop().query('orders', `SELECT order_id FROM checkouts WHERE cart_id = '${cartId}'`);
    const id = String(order?.order_id ?? '00000000-0000-0000-0000-000000000000');
    const log = await shop().query('orders', `SELECT type FROM order_events WHERE stream = '${id}' ORDER BY version`);
    const [money] = await shop().query(
      'payments',
      `SELECT count(captured_at)::int AS charges, count(refunds.key)::int AS refunds,
         count(*) FILTER (WHERE charges.outcome = 'approved' AND captured_at IS NULL AND voided_at IS NULL)::int AS held
       FROM payments LEFT JOIN acquirer.charges ON charges.key = payment_id LEFT JOIN acquirer.refunds USING (key)
       WHERE order_id = '${id}'`,
    );
    const [stock] = await shop().query('inventory', `SELECT status FROM reservations WHERE order_id = '${id}'`);
    return { id, log: log.map(({ type }) => String(type)), money, stock: stock?.status };
  }

  async function untilFinished(cartId: string) {
    return vi.waitFor(
      async () => {
        const books = await booksOf(cartId);
        expect(['payment_captured', 'cancelled']).toContain(books.log.at(-1));
        return books;
      },
      { timeout: 60_000, interval: 100 },
    );
  }

  return { fillCart, post, read, booksOf, untilFinished };
}
