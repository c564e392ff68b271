import type { RequestListener } from 'node:http';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderOpenapi } from '#services/kit/openapi';
import type { Server } from '#services/kit/server';
import { chaosToken, type GatewayFixture, startGateway } from './gateway-fixture.ts';

let gateway: GatewayFixture;
let app: Server;

beforeAll(async () => {
  gateway = await startGateway();
  app = gateway.app;
});

afterAll(() => gateway?.stop());

const newSession = () => gateway.newSession();

function checkout(authorization: string, headers: Record<string, string> = { 'idempotency-key': 'purchase-1' }) {
  const payload = { paymentToken: 'tok_ok_visa' };
  return app.inject({ method: 'POST', url: '/api/checkout', headers: { authorization, ...headers }, payload });
}

describe('browsing', () => {
  test('needs no session', async () => {
    expect((await app.inject('/api/products?category=shoes&limit=3')).json()).toMatchObject({ total: 40, limit: 3 });
    expect((await app.inject('/api/products/BW-0001')).json()).toMatchObject({ id: 'BW-0001' });
  });

  test('counts a view for the session of the token, whatever the headers claim', async () => {
    await gateway.catalogDb.deleteFrom('outbox').execute();
    const { authorization, sessionId } = await newSession();
    const headers = { authorization, 'x-session-id': 'somebody else', 'x-device': 'tablet', 'x-channel': 'web' };
    await app.inject({ url: '/api/products/BW-0003', headers });
    const { event } = await gateway.catalogDb.selectFrom('outbox').select('event').executeTakeFirstOrThrow();
    expect(event.data).toMatchObject({ productId: 'BW-0003', sessionId, device: 'tablet', channel: 'web' });
  });

  test.each([
    ['/api/products/BW-9999', 404, 'product_not_found'],
    ['/api/products?limit=1000', 400, 'validation_failed'],
    ['/api/nothing', 404, 'not_found'],
    ['/api/stock/BW-0001-BLK-M', 502, 'downstream_unavailable'],
  ])('%s: %i %s', async (url, status, code) => {
    const response = await app.inject(url);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status, code });
  });
});

describe('a session', () => {
  test('has a cart of its own', async () => {
    const [one, other] = [await newSession(), await newSession()];
    const { variants } = (await app.inject('/api/products/BW-0001')).json();
    const headers = { authorization: one.authorization };
    const payload = { sku: variants[0].sku, quantity: 2 };
    const put = await app.inject({ method: 'POST', url: '/api/cart/items', headers, payload });
    expect(put.json()).toMatchObject({ cartId: one.sessionId, totalMinor: 2 * variants[0].priceMinor });
    const cart = await app.inject({ url: '/api/cart', headers: { authorization: other.authorization } });
    expect(cart.json()).toMatchObject({ cartId: other.sessionId, items: [] });
    const removed = await app.inject({ method: 'DELETE', url: `/api/cart/items/${payload.sku}`, headers });
    expect(removed.json()).toMatchObject({ items: [] });
  });

  test.each(['/api/cart', '/api/orders/0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11'])('is needed for %s', async (url) => {
    const missing = await app.inject(url);
    expect(missing.json()).toMatchObject({ status: 401, code: 'token_missing' });
    expect(missing.headers['www-authenticate']).toBe('Bearer');
    const forged = await app.inject({ url, headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' } });
    expect(forged.json()).toMatchObject({ status: 401, code: 'token_invalid' });
  });

  test('expires', async () => {
    const { authorization } = await newSession();
    gateway.pass(2 * 3_600_000);
    for (const url of ['/api/cart', '/api/products']) {
      const response = await app.inject({ url, headers: { authorization } });
      expect(response.json()).toMatchObject({ status: 401, code: 'token_expired' });
    }
  });
});

describe('checkout', () => {
  const order = {
    orderId: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11',
    status: 'confirmed',
    cancelReason: null,
    totalMinor: 5_990,
    refundedMinor: 0,
    challengeUntil: null,
    currency: 'EUR',
    lines: [],
    placedAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:01.000Z',
  };

  function answerWith(status: number, body: unknown): RequestListener {
    return (_request, response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  test('hands on the cart of the session and the idempotency key', async () => {
    const { authorization, sessionId } = await newSession();
    let received: unknown;
    gateway.answerOrders((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString());
        received = { key: request.headers['idempotency-key'], session: request.headers['x-session-id'], body };
        answerWith(201, order)(request, response);
      });
    });
    const response = await checkout(authorization);
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual(order);
    const body = { cartId: sessionId, paymentToken: 'tok_ok_visa' };
    expect(received).toEqual({ key: 'purchase-1', session: sessionId, body });
  });

  test('of which the bank asks its customer says so, and hands on what they answer', async () => {
    const { authorization, sessionId } = await newSession();
    const asked = { ...order, status: 'payment_challenged', challengeUntil: '2026-01-01T00:02:00.000Z' };
    gateway.answerOrders(answerWith(202, asked));
    const response = await checkout(authorization);
    expect([response.statusCode, response.json()]).toEqual([202, asked]);
    const received: unknown[] = [];
    gateway.answerOrders((request, reply) => {
      received.push(request.url, request.headers['x-session-id']);
      answerWith(200, order)(request, reply);
    });
    const url = `/api/orders/${order.orderId}/challenge`;
    const say = (payload: object) => app.inject({ method: 'POST', url, headers: { authorization }, payload });
    expect((await say({ answer: 'approve', more: 1 })).statusCode).toBe(400);
    expect((await say({ answer: 'approve' })).json()).toEqual(order);
    expect(received).toEqual([`/orders/${order.orderId}/challenge`, sessionId]);
  });

  test.each([
    { name: 'declined', status: 402, body: { code: 'payment_declined' }, expected: { status: 402 } },
    {
      name: 'out of stock, with what is left',
      status: 409,
      body: { code: 'out_of_stock', left: [{ sku: 'BW-0001-BLK-M', requested: 3, left: 1 }] },
      expected: { status: 409, left: [{ sku: 'BW-0001-BLK-M', requested: 3, left: 1 }] },
    },
    {
      name: 'ended for good because payments failed',
      status: 502,
      body: { code: 'payments_unavailable', orderId: order.orderId },
      expected: { status: 502, orderId: order.orderId },
    },
    {
      name: 'orders failed',
      status: 500,
      body: { code: 'internal' },
      expected: { status: 502, code: 'downstream_failed' },
    },
    {
      name: 'somebody behind orders was too slow',
      status: 504,
      body: { code: 'downstream_timeout' },
      expected: { status: 504, code: 'downstream_timeout' },
    },
    { name: 'orders speaks nonsense', status: 201, body: {}, expected: { status: 502, code: 'downstream_failed' } },
  ])('$name', async ({ status, body, expected }) => {
    const { authorization } = await newSession();
    gateway.answerOrders(answerWith(status, { type: 't', title: 'T', status, ...body }));
    const response = await checkout(authorization);
    expect(response.statusCode).toBe(expected.status);
    expect(response.json()).toMatchObject({ code: body.code, ...expected });
  });

  test('is refused without a session, without a key, and with a card number, which is not repeated', async () => {
    expect((await checkout('')).json()).toMatchObject({ status: 401, code: 'token_missing' });
    const { authorization } = await newSession();
    expect((await checkout(authorization, {})).json()).toMatchObject({ status: 400, code: 'validation_failed' });
    const headers = { authorization, 'idempotency-key': 'purchase-1' };
    const payload = { paymentToken: '4111 1111 1111 1111' };
    const response = await app.inject({ method: 'POST', url: '/api/checkout', headers, payload });
    expect(response.json()).toMatchObject({ status: 400, code: 'card_number' });
    expect(response.body).not.toContain('4111');
  });
});

describe('when a service misbehaves', () => {
  async function withFault(fault: Record<string, unknown>, check: () => Promise<void>): Promise<void> {
    const id = crypto.randomUUID();
    const headers = { 'x-chaos-token': chaosToken, 'content-type': 'application/json' };
    const body = JSON.stringify({ id, share: 1, ttlSeconds: 60, leaseSeconds: 60, ...fault });
    expect((await fetch(`${gateway.catalogUrl}/_chaos/faults`, { method: 'POST', headers, body })).status).toBe(201);
    try {
      await check();
    } finally {
      const undo = { method: 'DELETE', headers: { 'x-chaos-token': chaosToken } };
      await fetch(`${gateway.catalogUrl}/_chaos/faults/${id}`, undo);
    }
  }

  test('that hangs, the gateway answers 504, and other routes are not held up', async () => {
    await withFault({ kind: 'hang' }, async () => {
      const { authorization } = await newSession();
      const [hung, cart] = await Promise.all([
        app.inject('/api/products/BW-0001'),
        app.inject({ url: '/api/cart', headers: { authorization } }),
      ]);
      expect(hung.json()).toMatchObject({ status: 504, code: 'downstream_timeout' });
      expect(cart.statusCode).toBe(200);
    });
  });

  test('that fails, the gateway answers 502, and works again afterwards', async () => {
    await withFault({ kind: 'error', status: 500 }, async () => {
      expect((await app.inject('/api/products')).json()).toMatchObject({ status: 502, code: 'downstream_failed' });
    });
    expect((await app.inject('/api/products')).statusCode).toBe(200);
  });
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});

describe('a card number', () => {
  const card = '4111 1111 1111 1111';
  test.each([
    ['the path', { url: `/api/products/${encodeURIComponent(card)}` }],
    ['the query', { url: `/api/search?q=${encodeURIComponent(card)}` }],
    [
      'the body',
      { method: 'POST', url: '/api/register', payload: { email: 'a@example.com', password: 'p', name: card } },
    ],
    [
      'the idempotency key',
      { method: 'POST', url: '/api/checkout', headers: { 'idempotency-key': '4111111111111111' } },
    ],
  ] as const)('in %s is refused, and goes no further', async (place, request) => {
    const response = await app.inject({ payload: {}, ...request } as InjectOptions);
    expect(response.json()).toMatchObject({ status: 400, code: 'card_number', detail: expect.stringContaining(place) });
    expect(response.body).not.toContain('1111');
  });
});
