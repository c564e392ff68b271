import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startGateway } from '#services/gateway/gateway-fixture';
import { createClient } from '#services/kit/fetch';
import { registerClient } from '#services/users/oauth/clients';
import { createPartner } from './partner.ts';
import { feedRequests, planFeed } from './plan-feed.ts';
import { createRandom } from './random.ts';

const secret = 'a secret: of a partner & nobody else';
const items = [
  { id: 'BW-0001', name: 'Jumper', brand: 'Ostra', category: 'knitwear', priceMinor: 1, currency: 'EUR' },
].map((item) => ({ ...item, colours: ['Black'] }));
const variants = [
  {
    sku: 'BW-0001-BLK-M',
    productId: 'BW-0001',
    name: 'Jumper',
    brand: 'Ostra',
    colour: 'Black',
    size: 'M',
    priceMinor: 1,
  },
].map((variant) => ({ ...variant, currency: 'EUR' }));
const answers: [string, object][] = [
  ['/api/products/', { ...items[0], description: '', sizes: ['M'], variants }],
  ['/api/products', { items, total: 1, limit: 20, offset: 0 }],
  ['/', {}],
];

type Reply = { status: number; headers?: Record<string, string>; body?: object };
type Seen = { path: string; authorization: string | undefined; agent: string | undefined; form: string };

let close = (): void => {};
afterEach(() => close());

/** A door that writes down who came; what it says to a request is told by `say`, else it lets in. */
async function openDoor(say: (seen: Seen, nth: number) => Reply | undefined = () => undefined) {
  const seen: Seen[] = [];
  let tokens = 0;
  const server = createServer(async (request, response) => {
    const one = await note(request);
    seen.push(one);
    const issue = (): Reply => {
      tokens += 1;
      return { status: 200, body: { access_token: `token-${tokens}`, expires_in: 600 } };
    };
    const found = answers.find(([prefix]) => one.path.startsWith(prefix))?.[1];
    const reply = say(one, seen.length) ?? (one.path === '/oauth/token' ? issue() : { status: 200, body: found });
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(JSON.stringify(reply.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => void server.close().closeAllConnections();
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = { nowMs: 0, slept: [] as number[] };
  const outcomes: string[] = [];
  const partner = createPartner({
    gateway: createClient({ peer: 'gateway', baseUrl, timeoutMs: 5_000, retries: 0, breaker: 'none' }),
    ...{ clientId: 'partner-feed', secret, random: () => 0, now: () => clock.nowMs },
    onRequest: (outcome) => void outcomes.push(outcome),
    sleep: async (ms) => {
      clock.slept.push(ms);
      clock.nowMs += ms;
    },
  });
  const read = () => partner.readFeed(planFeed(createRandom(1)), new AbortController().signal);
  return { seen, clock, outcomes, read, tokens: () => seen.filter(({ path }) => path === '/oauth/token') };
}

async function note(request: IncomingMessage): Promise<Seen> {
  let form = '';
  for await (const chunk of request) form += chunk;
  const { authorization, 'user-agent': agent } = request.headers;
  return { path: request.url ?? '', authorization, agent, form };
}

test('a partner gets one token in its own name, and reads the feed with it under its own name', async () => {
  const { seen, read, outcomes, tokens } = await openDoor();
  await read();
  await read();
  expect(tokens()).toHaveLength(1);
  const basic = String(seen[0]?.authorization).replace('Basic ', '');
  const pair = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  expect(pair).toEqual(['partner-feed', secret]);
  expect(seen[0]?.form).toBe('grant_type=client_credentials&scope=catalog%3Aread');
  expect(seen).toHaveLength(1 + 2 * feedRequests);
  expect(new Set(seen.slice(1).map(({ authorization }) => authorization))).toEqual(new Set(['Bearer token-1']));
  expect(new Set(seen.map(({ agent }) => agent))).toEqual(new Set(['PartnerFeed/1.0']));
  expect(new Set(outcomes)).toEqual(new Set(['ok']));
});

test('a token is renewed before it ends, once for all who wait for it', async () => {
  const { seen, clock, read, tokens } = await openDoor();
  await read();
  clock.nowMs = 539_000;
  await read();
  expect(tokens()).toHaveLength(1);
  clock.nowMs = 540_000;
  await Promise.all([read(), read(), read()]);
  expect(tokens()).toHaveLength(2);
  expect(seen.at(-1)?.authorization).toBe('Bearer token-2');
});

test('after a 429 nothing leaves before the time that was told, and the request is made then', async () => {
  const { seen, clock, read, outcomes } = await openDoor((_one, nth) =>
    nth === 3 ? { status: 429, headers: { 'retry-after': '7' } } : undefined,
  );
  await read();
  expect(clock.slept).toEqual([7_000]);
  expect(seen[3]?.path).toBe(seen[2]?.path);
  expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(1);
});

test('a door that goes on refusing is asked less and less, and no more than a few times', async () => {
  const { seen, clock, read } = await openDoor(() => ({ status: 429 }));
  await read();
  expect(clock.slept).toEqual([2_000, 4_000]);
  expect(seen.map(({ path }) => path)).toEqual(Array(3).fill('/oauth/token'));
});

test('a token that is refused is not used again', async () => {
  const { seen, read } = await openDoor((one) =>
    one.authorization === 'Bearer token-1' ? { status: 401 } : undefined,
  );
  await read();
  expect(
    seen
      .slice(0, 4)
      .map(({ authorization }) => authorization?.split(' ')[1])
      .slice(1),
  ).toEqual(['token-1', expect.any(String), 'token-2']);
});

test('the same seed reads the same', () => {
  expect(planFeed(createRandom(3))).toEqual(planFeed(createRandom(3)));
  expect(planFeed(createRandom(3))).not.toEqual(planFeed(createRandom(4)));
});

test('a real gateway gives the token and takes it for the catalogue; what was looked at is nobody’s visit', async () => {
  const gateway = await startGateway({ startMs: Date.now() });
  close = () => {};
  try {
    const scopes = ['catalog:read', 'cart:write'];
    await registerClient(gateway.usersDb, { clientId: 'partner-feed', name: 'Feed', secret, redirectUris: [], scopes });
    const outcomes: string[] = [];
    const baseUrl = gateway.app.listeningOrigin;
    const partner = createPartner({
      gateway: createClient({ peer: 'gateway', baseUrl, timeoutMs: 5_000, retries: 0, breaker: 'none' }),
      ...{ clientId: 'partner-feed', secret, random: () => 0, now: Date.now, sleep: async () => {} },
      onRequest: (outcome) => void outcomes.push(outcome),
    });
    const plan = { ...planFeed(createRandom(1)), category: null, offset: 0 };
    await partner.readFeed(plan, new AbortController().signal);
    // Search and inventory are not there: the token, the list and each product are.
    expect(outcomes).toEqual(['ok', 'ok', 'failed', ...plan.picks.flatMap(() => ['ok', 'failed'])]);
    const rows = await gateway.catalogDb.selectFrom('outbox').select('event').execute();
    const views = rows.map(({ event }) => event).filter(({ type }) => type === 'product.viewed');
    expect(views).toHaveLength(plan.picks.length);
    for (const { data } of views) expect(data).toMatchObject({ device: 'api', channel: 'partner' });
  } finally {
    await gateway.stop();
  }
});
