import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient } from '#services/kit/fetch';
import { startPartner } from './partner.ts';
import { createRandom } from './random.ts';

const client = { clientId: 'partner-feed', clientSecret: 'a secret: of a partner' };
const summary = {
  ...{ name: 'Jumper', brand: 'Ostra', category: 'knitwear', priceMinor: 5_000, currency: 'EUR', colours: ['Black'] },
};
let gateway: Server;
let url: string;
let calls: string[];
let nowMs: number;
let tokens: number;
/** Statuses with which the next requests for the catalogue are answered. */
let statuses: number[];
let end: () => Promise<void>;

beforeEach(async () => {
  [calls, statuses, nowMs, tokens] = [[], [], 0, 0];
  gateway = createServer((request, response) => void answer(request, response));
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const address = gateway.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterEach(async () => {
  await end();
  gateway.closeAllConnections();
  gateway.close();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization } = request.headers;
  calls.push(`${request.method} ${request.url}${request.url === '/oauth/token' ? '' : ` ${authorization}`}`);
  const status = request.url === '/oauth/token' ? 200 : (statuses.shift() ?? 200);
  response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' });
  response.end(JSON.stringify(status === 200 ? bodyOf(request.url ?? '', authorization, await text(request)) : {}));
}

function bodyOf(path: string, authorization: string | undefined, form: string): object {
  if (path === '/oauth/token') {
    expect(form).toBe('grant_type=client_credentials&scope=catalog%3Aread');
    expect(Buffer.from(String(authorization).slice(6), 'base64').toString()).toBe(
      'partner-feed:a%20secret%3A%20of%20a%20partner',
    );
    tokens += 1;
    return { access_token: `token-${tokens}`, expires_in: 600, token_type: 'Bearer' };
  }
  if (path.startsWith('/api/products?')) {
    const offset = Number(new URL(path, url).searchParams.get('offset'));
    return { items: [{ id: `BW-${String(offset + 1).padStart(4, '0')}`, ...summary }], total: 25, limit: 24, offset };
  }
  const id = path.split('/').at(-1) ?? '';
  const variant = { sku: `${id}-BLK-M`, productId: id, size: 'M', colour: 'Black', ...summary };
  return path.startsWith('/api/stock/')
    ? { sku: id, available: 3, status: 'in_stock' }
    : { id, ...summary, description: '', sizes: ['M'], variants: [variant] };
}

function start(): void {
  end = startPartner({
    gateway: createClient({ peer: 'gateway', baseUrl: url, timeoutMs: 2_000, retries: 0, breaker: 'none' }),
    client,
    requestsPerSecond: () => 500,
    random: createRandom(1),
    now: () => nowMs,
    onRequest: () => {},
  });
}

const seen = (count: number) => expect.poll(() => calls.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);

test('gets a token, then goes through the catalogue page by page, and begins anew', async () => {
  start();
  await seen(8);
  expect(calls.slice(0, 8)).toEqual([
    'POST /oauth/token',
    'GET /api/products?limit=24&offset=0 Bearer token-1',
    'GET /api/products/BW-0001 Bearer token-1',
    'GET /api/stock/BW-0001-BLK-M Bearer token-1',
    'GET /api/products?limit=24&offset=24 Bearer token-1',
    'GET /api/products/BW-0025 Bearer token-1',
    'GET /api/stock/BW-0025-BLK-M Bearer token-1',
    'GET /api/products?limit=24&offset=0 Bearer token-1',
  ]);
});

test('fetches another token before the one that it has ends, and when it is no longer good', async () => {
  start();
  await seen(3);
  nowMs = 571_000;
  await expect.poll(() => calls.at(-1), { timeout: 10_000 }).toContain('token-2');
  statuses = [401];
  await expect.poll(() => calls.at(-1), { timeout: 10_000 }).toContain('token-3');
  const refused = calls.findIndex(
    (call, index) => calls[index + 1] === 'POST /oauth/token' && call.includes('token-2'),
  );
  expect(calls[refused + 2]?.split(' ')[1]).toBe(calls[refused]?.split(' ')[1]);
});

test('asks for the same again when it was turned away, and not before it may', async () => {
  statuses = [429];
  start();
  await seen(2);
  const [, first] = calls;
  const startedMs = performance.now();
  await seen(3);
  expect(performance.now() - startedMs).toBeGreaterThan(900);
  expect(calls[2]).toBe(first);
});
