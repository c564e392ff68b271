import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '#services/kit/fetch';
import { planCrawl } from './plan-crawl.ts';
import type { SessionPlan, Step } from './plan-session.ts';
import { visitShop } from './shopper.ts';

type Seen = Record<'call' | 'key' | 'device' | 'agent' | 'authorization', string | undefined>;

const sku = 'BW-0001-BLK-M';
const summary = {
  ...{ id: 'BW-0001', name: 'Jumper', brand: 'Ostra', category: 'knitwear', priceMinor: 5_000, currency: 'EUR' },
  colours: ['Black'],
};
const variant = {
  ...{ sku, productId: 'BW-0001', name: 'Jumper', brand: 'Ostra', colour: 'Black', size: 'M' },
  ...{ priceMinor: 5_000, currency: 'EUR' },
};
const session = {
  token: 'token-1',
  sessionId: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11',
  expiresAt: '2026-11-23T10:00:00Z',
};
const orderId = '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c13';
const order = {
  ...{ orderId, status: 'confirmed', cancelReason: null, totalMinor: 5_000, currency: 'EUR' },
  lines: [{ sku, name: 'Jumper', quantity: 1, unitPriceMinor: 5_000 }],
  ...{ placedAt: '2026-11-23T10:00:00Z', updatedAt: '2026-11-23T10:00:00Z' },
};
const signedIn = { ...session, token: 'token-2', userId: orderId, refreshToken: 'r', cartMerged: true };
const answers: Record<string, object> = {
  'POST /api/session': session,
  'GET /api/search': { items: [summary], total: 1, facets: { category: [], brand: [], colour: [] } },
  'GET /api/products': { items: [summary], total: 1, limit: 24, offset: 0 },
  'GET /api/products/BW-0001': { ...summary, description: '', sizes: ['M'], variants: [variant] },
  [`GET /api/stock/${sku}`]: { sku, available: 3, status: 'in_stock' },
  'GET /api/products/BW-0001/reviews': {},
  'GET /api/products/BW-0001/recommendations': {},
  'POST /api/cart/items': {},
  'GET /api/cart': {},
  'POST /api/sign-in': signedIn,
  'POST /api/checkout': order,
  'POST /api/products/BW-0001/reviews': {},
};
const wholeVisit: Step[] = [
  { kind: 'search', query: 'jumper', thinkMs: 0 },
  { kind: 'list', category: 'knitwear', offset: 0, thinkMs: 0 },
  { kind: 'view', pick: 0.99, thinkMs: 0 },
  { kind: 'stock', pick: 0.5, thinkMs: 0 },
  { kind: 'reviews', thinkMs: 0 },
  { kind: 'alsoBought', thinkMs: 0 },
  { kind: 'add', quantity: 1, thinkMs: 0 },
  { kind: 'cart', thinkMs: 0 },
  { kind: 'signIn', account: 7, thinkMs: 0 },
  { kind: 'checkout', answersBank: 'approve', thinkMs: 0 },
  { kind: 'review', rating: 5, thinkMs: 0 },
];

let gateway: Server;
let url = '';
let seen: Seen[] = [];
/** Statuses with which the next checkouts are answered; `cut` breaks the line. */
let checkoutStatuses: (number | 'cut')[] = [];
/** The code with which a checkout is answered 502. */
let failureCode = 'other';
let stockStatus = 'in_stock';
/** With which an answer to the bank is answered. */
let bankSays = 200;

beforeEach(async () => {
  seen = [];
  stockStatus = 'in_stock';
  failureCode = 'other';
  gateway = createServer((request, response) => {
    const call = note(request);
    const status = call === 'POST /api/checkout' ? (checkoutStatuses.shift() ?? 201) : 200;
    if (status === 'cut') return request.socket.destroy();
    const code = status === 409 ? 'out_of_stock' : failureCode;
    const asked = { ...order, status: 'payment_challenged' };
    if (status === 202)
      return response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(asked));
    if (call.endsWith('/challenge')) return answerBank(response);
    const body = call.startsWith('GET /api/stock') ? { ...answers[call], status: stockStatus } : answers[call];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status < 400 ? body : { code }));
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const address = gateway.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterEach(() => {
  gateway.closeAllConnections();
  gateway.close();
});

function answerBank(response: ServerResponse): void {
  response.writeHead(bankSays, { 'content-type': 'application/json' });
  response.end(JSON.stringify(bankSays === 200 ? order : { code: 'payment_declined' }));
}

function note(request: IncomingMessage): string {
  const call = `${request.method} ${request.url?.split('?')[0]}`;
  const { 'idempotency-key': key, 'x-device': device, 'user-agent': agent, authorization } = request.headers;
  seen.push({ call, key: key?.toString(), device: device?.toString(), agent, authorization });
  return call;
}

async function visit(parts: Partial<SessionPlan> = {}) {
  const plan: SessionPlan = { device: 'phone', channel: 'app', patience: 0, steps: wholeVisit, ...parts };
  const requests: string[] = [];
  const checkouts: string[] = [];
  const deps = {
    gateway: createClient({ peer: 'gateway', baseUrl: url, timeoutMs: 5_000, retries: 0, breaker: 'none' }),
    onRequest: (outcome: string) => void requests.push(outcome),
    onCheckout: (outcome: string) => void checkouts.push(outcome),
  };
  await visitShop(deps, plan, new AbortController().signal);
  return { requests, checkouts };
}

describe('a visit', () => {
  it('goes from the door to the till as one session', async () => {
    const { requests, checkouts } = await visit();
    expect(seen.map(({ call }) => call)).toEqual(Object.keys(answers));
    expect(requests).toEqual(Array(12).fill('ok'));
    expect(checkouts).toEqual(['confirmed']);
    const tokens = seen.slice(1).map(({ authorization }) => authorization);
    expect(tokens).toEqual([...Array(9).fill('Bearer token-1'), ...Array(2).fill('Bearer token-2')]);
    expect(new Set(seen.map(({ device }) => device))).toEqual(new Set(['phone']));
  });

  it.each<[number | 'cut', string]>([
    [402, 'declined'],
    [409, 'out_of_stock'],
    [422, 'refused'],
    [502, 'failed'],
    ['cut', 'unanswered'],
  ])('that ends with %s at the till is counted as %s', async (status, outcome) => {
    checkoutStatuses = [status];
    expect((await visit()).checkouts).toEqual([outcome]);
  });

  it.each([
    ['approve', 200, 'confirmed', 2],
    ['refuse', 402, 'declined', 1],
    [null, 200, 'abandoned', 0],
  ] as const)('says %s to a bank that asks, and is counted as it ends', async (answersBank, status, outcome, after) => {
    checkoutStatuses = [202];
    bankSays = status;
    const steps = wholeVisit.map((step) => (step.kind === 'checkout' ? { ...step, answersBank } : step));
    expect((await visit({ steps })).checkouts).toEqual([outcome]);
    const calls = seen.map(({ call }) => call);
    expect(calls.slice(calls.indexOf('POST /api/checkout') + 1)).toHaveLength(after);
  });

  it('pays a second time under the same key, so that it cannot be charged twice', async () => {
    checkoutStatuses = ['cut', 201];
    expect((await visit({ patience: 1 })).checkouts).toEqual(['confirmed']);
    const keys = seen.filter(({ call }) => call === 'POST /api/checkout').map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it.each([
    ['payments_unavailable', 'a new key', 2],
    ['downstream_unavailable', 'the same key', 1],
  ])('tries again after 502 %s under %s', async (code, _key, distinct) => {
    failureCode = code;
    checkoutStatuses = [502, 201];
    expect((await visit({ patience: 1 })).checkouts).toEqual(['confirmed']);
    const keys = seen.filter(({ call }) => call === 'POST /api/checkout').map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(distinct);
  });

  it('ends when what was wanted is gone', async () => {
    stockStatus = 'out_of_stock';
    await visit();
    expect(seen.map(({ call }) => call)).not.toContain('POST /api/cart/items');
  });

  it('ends at a closed door', async () => {
    gateway.closeAllConnections();
    await new Promise((resolve) => gateway.close(resolve));
    expect(await visit()).toEqual({ requests: ['unanswered'], checkouts: [] });
  });
});

it('a crawler has no token, and says what it is', async () => {
  await visit({ ...planCrawl(() => 0), steps: planCrawl(() => 0).steps.map((step) => ({ ...step, thinkMs: 0 })) });
  expect(new Set(seen.map(({ call }) => call))).toEqual(new Set(['GET /api/products', 'GET /api/products/BW-0001']));
  for (const { device, agent, authorization } of seen) {
    expect({ device, authorization }).toEqual({ device: 'bot', authorization: undefined });
    expect(agent).toContain('bot');
  }
});
