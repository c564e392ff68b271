import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Instance } from '#cli/instance';
import { canaryApp, plantInOauth } from './plant-oauth.ts';
import { type Route, readRoutes } from './routes.ts';
import { connectPostgres, readSecrets } from './search.ts';
import type { Canaries } from './values.ts';

/** Names of fields that are made for secrets. */
const secretField = /password|token|authorization|secret|code/i;

const signedInSchema = z.object({ token: z.string(), refreshToken: z.string() });
const sessionSchema = z.object({ token: z.string() });
const listSchema = z.object({ items: z.array(z.object({ id: z.string() })).min(1) });
const productSchema = z.object({ variants: z.array(z.object({ sku: z.string() })).min(1) });
const orderSchema = z.object({ orderId: z.string() });

type Answer = { status: number; body: unknown };
type Ask = (
  method: string,
  path: string,
  options?: { headers?: Record<string, string>; body?: unknown },
) => Promise<Answer>;

/** How many requests were made, and what the shop has given out that is as secret as what was planted. */
export type Planted = { requests: number; routes: string[]; issued: string[] };

/**
 * Writes canaries everywhere that the public can write: each place of each route of the gateway and of its authorisation
 * server, the usual headers, and the browsers' telemetry; and buys something with them where they belong.
 */
export async function plantCanaries(
  { instance, dataDir }: { instance: Instance; dataDir: string },
  canaries: Canaries,
): Promise<Planted> {
  let requests = 0;
  const ask: Ask = async (method, path, { headers = {}, body } = {}) => {
    requests += 1;
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(`${instance.gatewayUrl}${path}`, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'manual',
      });
      const text = await response.text();
      if (response.status !== 429 || attempt === 60) return { status: response.status, body: readJson(text) };
      await sleep(1_000);
    }
  };
  const issued = await buyAsCustomer(ask, canaries);
  const routes = readRoutes();
  for (const route of routes) await plantInRoute(ask, route, canaries);
  await registerApp(instance, dataDir);
  const oauth = await plantInOauth(
    {
      url: instance.gatewayUrl,
      client: { id: 'partner-feed', secret: readSecrets(dataDir).partnerSecret },
      account: { email: canaries.email, password: canaries.secret },
    },
    canaries,
  );
  await plantInBrowser(instance, canaries);
  return {
    requests: requests + oauth.requests,
    routes: routes.map(({ method, path }) => `${method} ${path}`),
    issued: [...issued, ...oauth.issued],
  };
}

/** The app of another third party: they are registered by hand. */
async function registerApp(instance: Instance, dataDir: string): Promise<void> {
  const client = await connectPostgres(instance, dataDir, 'users');
  await client.query(
    'INSERT INTO oauth_clients (client_id, name, redirect_uris, scopes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [canaryApp.clientId, 'Canary', [canaryApp.redirectUri], canaryApp.scope.split(' ')],
  );
  await client.end();
}

/** The proper way: an account, an address, an order, a review. */
async function buyAsCustomer(ask: Ask, { email, secret, paymentToken }: Canaries): Promise<string[]> {
  const account = { email, password: secret };
  const { token: guest } = sessionSchema.parse((await ask('POST', '/api/session')).body);
  await ask('POST', '/api/register', { body: { ...account, name: 'Canary' } });
  await ask('POST', '/api/sign-in', { body: { email, password: `${secret}?` } });
  const { token, refreshToken } = signedInSchema.parse((await ask('POST', '/api/sign-in', { body: account })).body);
  const headers = { authorization: `Bearer ${token}` };
  const { items } = listSchema.parse((await ask('GET', '/api/products?limit=1&offset=17')).body);
  const product = items[0]?.id ?? '';
  const { variants } = productSchema.parse((await ask('GET', `/api/products/${product}`)).body);
  for (const one of [headers, { authorization: `Bearer ${guest}` }]) {
    await ask('POST', '/api/cart/items', { headers: one, body: { sku: variants[0]?.sku, quantity: 1 } });
    const key = { 'idempotency-key': randomUUID() };
    const bought = await ask('POST', '/api/checkout', { headers: { ...one, ...key }, body: { paymentToken, email } });
    const order = orderSchema.safeParse(bought.body);
    if (!order.success) throw new Error(`the checkout was answered ${bought.status}`);
    const review = { orderId: order.data.orderId, rating: 5, title: 'Good', text: `Write to ${email}.` };
    await ask('POST', `/api/products/${product}/reviews`, { headers: one, body: review });
  }
  const renewed = signedInSchema.safeParse(
    (await ask('POST', '/api/sign-in/refresh', { body: { refreshToken } })).body,
  );
  return [guest, token, refreshToken, ...(renewed.success ? [renewed.data.token, renewed.data.refreshToken] : [])];
}

/** Each place of a route with each canary, the others as in the examples. */
async function plantInRoute(ask: Ask, route: Route, canaries: Canaries): Promise<void> {
  const { token } = sessionSchema.parse((await ask('POST', '/api/session')).body);
  const guest = { authorization: `Bearer ${token}` };
  for (const { place, name } of route.values) {
    const values = secretField.test(name)
      ? [canaries.card, canaries.email, canaries.secret]
      : [canaries.card, canaries.email];
    for (const value of values) await ask(...buildRequest(route, guest, { place, name, value }));
  }
  const { card, email, secret } = canaries;
  const everywhere = {
    authorization: `Bearer ${secret}`,
    cookie: `session=${secret.replaceAll(' ', '_')}; card=${card}`,
    'user-agent': `Agent/1.0 (${email}; ${card})`,
    referer: `https://shop.example/?token=${encodeURIComponent(secret)}&email=${encodeURIComponent(email)}`,
    'x-session-id': card,
    'x-device': email,
    'x-channel': card,
    'x-request-id': email,
    'x-user-id': email,
    baggage: `email=${encodeURIComponent(email)}`,
  };
  await ask(...buildRequest(route, everywhere, null));
  await ask(...buildRequest(route, { ...everywhere, ...guest }, null));
  const [method, path, options] = buildRequest(route, guest, null);
  const query = new URLSearchParams({ access_token: secret, email, card });
  await ask(method, `${path}${path.includes('?') ? '&' : '?'}${query}`, options);
}

type Plant = { place: string; name: string; value: string };

function buildRequest(
  route: Route,
  headers: Record<string, string>,
  plant: Plant | null,
): [string, string, { headers: Record<string, string>; body?: unknown }] {
  const pick = ({ place, name, example }: Route['values'][number]): unknown =>
    plant !== null && plant.place === place && plant.name === name ? plant.value : example;
  const of = (place: string): [string, unknown][] =>
    route.values.filter((one) => one.place === place).map((one) => [one.name, pick(one)]);
  const path = of('path').reduce(
    (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(String(value))),
    route.path,
  );
  const query = new URLSearchParams(of('query').map(([name, value]) => [name, String(value)]));
  const body = of('body');
  return [
    route.method,
    `${path}${query.size > 0 ? `?${query}` : ''}`,
    {
      headers: { ...headers, ...Object.fromEntries(of('header').map(([name, value]) => [name, String(value)])) },
      ...(body.length > 0 && { body: Object.fromEntries(body) }),
    },
  ];
}

/** What a page of the storefront could send by mistake. */
async function plantInBrowser({ otlpUrl, storefrontUrl }: Instance, { card, email, secret }: Canaries): Promise<void> {
  const timestamp = new Date().toISOString();
  const page = `https://shop.example/pay?token=${encodeURIComponent(secret)}&email=${encodeURIComponent(email)}&card=${card}`;
  const context = { email, card, page };
  const response = await fetch(`${otlpUrl}/collect`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'pk_bellwether_storefront',
      origin: new URL(storefrontUrl).origin,
    },
    body: JSON.stringify({
      meta: {
        app: { name: 'storefront-web' },
        session: { id: randomUUID() },
        page: { url: page },
        user: { email, username: email },
      },
      events: [{ name: 'paid', domain: 'browser', timestamp, attributes: context }],
      logs: [{ timestamp, level: 'info', message: `paid with ${card} by ${email} at ${page}`, context }],
      exceptions: [{ timestamp, type: 'Error', value: `no such card: ${card} of ${email}`, context }],
    }),
  });
  if (response.status !== 202) throw new Error(`the collectors answered ${response.status}: ${await response.text()}`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
