import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '#services/kit/server';
import { type GatewayFixture, startGateway } from './gateway-fixture.ts';

let gateway: GatewayFixture;
let app: Server;

beforeAll(async () => {
  gateway = await startGateway();
  app = gateway.app;
});

afterAll(() => gateway?.stop());

const newSession = () => gateway.newSession();

describe('an account', () => {
  const ada = { email: 'ada@example.com', password: 'correct horse battery' };

  async function post(url: string, payload: object, authorization?: string) {
    const headers = authorization === undefined ? {} : { authorization };
    return app.inject({ method: 'POST', url, payload, headers });
  }

  test('takes the guest’s cart along, and has it at the next sign-in from elsewhere', async () => {
    const guest = await newSession();
    const { variants } = (await app.inject('/api/products/BW-0001')).json();
    const item = { sku: variants[0].sku, quantity: 2 };
    await post('/api/cart/items', item, guest.authorization);
    const registered = (await post('/api/register', { ...ada, name: 'Ada' }, guest.authorization)).json();
    expect(registered).toMatchObject({ sessionId: guest.sessionId, cartMerged: true });
    const elsewhere = await newSession();
    await post('/api/cart/items', { ...item, quantity: 1 }, elsewhere.authorization);
    const signedIn = (await post('/api/sign-in', ada, elsewhere.authorization)).json();
    const headers = { authorization: `Bearer ${signedIn.token}` };
    const cart = (await app.inject({ url: '/api/cart', headers })).json();
    expect(cart).toMatchObject({ cartId: registered.userId, items: [{ sku: item.sku, quantity: 3 }] });
    expect((await app.inject({ url: '/api/account', headers })).json()).toMatchObject({ email: ada.email });
    expect(
      (await app.inject({ url: '/api/cart', headers: { authorization: guest.authorization } })).json().items,
    ).toEqual([]);
  });

  test('is not there for a guest, whatever the headers claim, nor with a wrong password', async () => {
    const { authorization } = await newSession();
    const headers = { authorization, 'x-user-id': '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' };
    for (const url of ['/api/account', '/api/account/orders', '/api/account/addresses', '/api/account/preferences']) {
      expect((await app.inject({ url, headers })).json()).toMatchObject({ status: 401, code: 'sign_in_needed' });
    }
    const wrong = await post('/api/sign-in', { ...ada, password: 'something else' });
    expect(wrong.json()).toMatchObject({ status: 401, code: 'credentials_wrong' });
    expect(wrong.body).not.toContain('something else');
  });

  test('says which mails its owner wants, and it is only theirs', async () => {
    const { token } = (await post('/api/sign-in', ada)).json();
    const headers = { authorization: `Bearer ${token}` };
    const url = '/api/account/preferences';
    expect((await app.inject({ url, headers })).json()).toEqual({ orders: 'each', account: 'each' });
    const wanted = { orders: 'daily', account: 'none' };
    expect((await app.inject({ method: 'PUT', url, headers, payload: wanted })).json()).toEqual(wanted);
    expect((await app.inject({ url, headers })).json()).toEqual(wanted);
    const bob = (await post('/api/register', { ...ada, email: 'bob@example.com', name: 'Bob' })).json();
    const ofBob = await app.inject({ url, headers: { authorization: `Bearer ${bob.token}` } });
    expect(ofBob.json()).toEqual({ orders: 'each', account: 'each' });
    const wrong = await app.inject({ method: 'PUT', url, headers, payload: { orders: 'hourly' } });
    expect(wrong.json()).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(wrong.json().errors[0].path).toBe('/orders');
  });

  test('an expired token is refused with the reason', async () => {
    const { token } = (await post('/api/sign-in', ada)).json();
    gateway.pass(11 * 60_000);
    const response = await app.inject({ url: '/api/account', headers: { authorization: `Bearer ${token}` } });
    expect(response.json()).toMatchObject({ status: 401, code: 'token_expired' });
    expect(response.headers['www-authenticate']).toContain('error="invalid_token"');
  });
});
