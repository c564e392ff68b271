import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerClient } from '#services/users/oauth/clients';
import { type GatewayFixture, issuer, startGateway } from './gateway-fixture.ts';

const secret = 'the secret of a partner, which nobody else knows';
const redirectUri = 'https://partner.example/back';
const scopes = ['catalog:read', 'cart:write', 'orders:read'];
const ada = { email: 'ada@example.com', password: 'correct horse battery', name: 'Ada' };
const basic = `Basic ${Buffer.from(`partner:${encodeURIComponent(secret)}`).toString('base64')}`;

let gateway: GatewayFixture;
let userId: string;

beforeAll(async () => {
  // The library has no clock but the machine's.
  gateway = await startGateway({ startMs: Date.now() });
  const partner = { name: 'A <b>partner</b>', redirectUris: [redirectUri], scopes };
  await registerClient(gateway.usersDb, { clientId: 'partner', secret, ...partner });
  await registerClient(gateway.usersDb, { clientId: 'rival', secret, ...partner });
  userId = (await gateway.app.inject({ method: 'POST', url: '/api/register', payload: ada })).json().userId;
});

afterAll(async () => gateway?.stop());

type Forgery = { forged?: boolean; typ?: string; aud?: string; iss?: string };
type Jar = Map<string, string>;

async function send(url: string, fields?: Record<string, string>, options: { jar?: Jar; authorization?: string } = {}) {
  const { jar = new Map(), authorization } = options;
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await gateway.app.inject({
    method: fields === undefined ? 'GET' : 'POST',
    url: url.replace(issuer, ''),
    headers: {
      ...(cookie === '' ? {} : { cookie }),
      ...(authorization === undefined ? {} : { authorization }),
      ...(fields === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(fields === undefined ? {} : { payload: new URLSearchParams(fields).toString() }),
  });
  for (const { name, value } of answer.cookies) jar.set(name, value);
  return answer;
}

const askToken = (fields: Record<string, string>) => send('/oauth/token', fields, { authorization: basic });

async function ownToken(scope = 'catalog:read'): Promise<string> {
  return (await askToken({ grant_type: 'client_credentials', scope })).json().access_token;
}

/** As a browser that follows every redirect within the shop, up to the page or the partner's address. */
async function follow(url: string, jar: Jar) {
  let answer = await send(url, undefined, { jar });
  for (let hops = 0; hops < 5 && !leaves(answer.headers.location); hops += 1) {
    answer = await send(String(answer.headers.location), undefined, { jar });
  }
  return answer;
}

function leaves(location: unknown): boolean {
  return location === undefined || String(location).startsWith(redirectUri);
}

function authorizeUrl(verifier: string | null, scope: string): string {
  const query = { client_id: 'partner', response_type: 'code', redirect_uri: redirectUri, scope, state: 's' };
  const params = new URLSearchParams(query);
  if (verifier !== null) {
    params.set('code_challenge', createHash('sha256').update(verifier).digest('base64url'));
    params.set('code_challenge_method', 'S256');
  }
  return `/oauth/authorize?${params}`;
}

const formOf = (body: string, last: string): string => new RegExp(`action="([^"]+/${last})"`).exec(body)?.[1] ?? '';

/** What Ada does: signs in and says yes. */
async function grantCode(scope: string): Promise<{ code: string; verifier: string }> {
  const jar: Jar = new Map();
  const verifier = randomBytes(32).toString('base64url');
  const page = await follow(authorizeUrl(verifier, scope), jar);
  const { email, password } = ada;
  const signedIn = await send(formOf(page.body, 'sign-in'), { email, password }, { jar });
  const asked = await follow(String(signedIn.headers.location), jar);
  const allowed = await send(formOf(asked.body, 'consent'), {}, { jar });
  const back = await follow(String(allowed.headers.location), jar);
  const code = new URL(String(back.headers.location)).searchParams.get('code') ?? '';
  return { code, verifier };
}

async function grantTokens(scope: string) {
  const { code, verifier } = await grantCode(scope);
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  return { fields, answer: await askToken(fields) };
}

const call = (token: string, url: string, method: 'GET' | 'DELETE' | 'POST' = 'GET') =>
  gateway.app.inject({ method, url, headers: { authorization: `Bearer ${token}` } });

describe('a third party in its own name', () => {
  test('finds its way by the metadata (RFC 8414)', async () => {
    const metadata = (await send('/.well-known/oauth-authorization-server')).json();
    expect(metadata).toMatchObject({
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      code_challenge_methods_supported: ['S256'],
    });
  });

  test('gets a token (RFC 9068) that reads the catalogue', async () => {
    const token = await ownToken();
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    expect(decodeJwt(token)).toMatchObject({
      iss: issuer,
      aud: `${issuer}/api`,
      sub: 'partner',
      scope: 'catalog:read',
    });
    expect((await call(token, '/api/products')).statusCode).toBe(200);
  });

  test('is a program to those who count people, whatever it says of itself', async () => {
    const { catalogDb } = gateway;
    await catalogDb.deleteFrom('outbox').execute();
    const headers = { authorization: `Bearer ${await ownToken()}`, 'x-device': 'phone', 'x-channel': 'app' };
    await gateway.app.inject({ url: '/api/products/BW-0001', headers });
    const events = await catalogDb.selectFrom('outbox').select('event').execute();
    expect(events.map(({ event }) => event)).toMatchObject([{ data: { device: 'api', channel: 'partner' } }]);
  });

  test('is not given what is somebody’s', async () => {
    expect(decodeJwt(await ownToken('catalog:read cart:write')).scope).toBe('catalog:read');
  });

  test('needs its secret, which is kept as a hash', async () => {
    const fields = { grant_type: 'client_credentials', scope: 'catalog:read' };
    const wrong = `Basic ${Buffer.from('partner:a guess').toString('base64')}`;
    const answer = await send('/oauth/token', fields, { authorization: wrong });
    expect(answer.statusCode).toBe(401);
    expect(answer.json().error).toBe('invalid_client');
    expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
    expect(JSON.stringify(await gateway.usersDb.selectFrom('oauth_clients').selectAll().execute())).not.toContain(
      secret,
    );
  });
});

describe('a third party in a user’s name', () => {
  test('gets what the user allows, and its tokens are kept as hashes', async () => {
    const { answer } = await grantTokens('cart:write orders:read');
    expect(answer.statusCode).toBe(200);
    const tokens = answer.json();
    expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: userId, scope: 'cart:write orders:read' });
    expect((await call(tokens.access_token, '/api/cart')).statusCode).toBe(200);
    const kept = JSON.stringify(await gateway.usersDb.selectFrom('oauth_records').selectAll().execute());
    expect(kept).not.toContain(tokens.refresh_token);
  });

  test('cannot ask without PKCE', async () => {
    const back = await follow(authorizeUrl(null, 'cart:write'), new Map());
    expect(String(back.headers.location)).toContain('error=invalid_request');
  });

  test('cannot use a code with another verifier, or twice', async () => {
    const { code } = await grantCode('cart:write');
    const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    const stolen = await askToken({ ...fields, code_verifier: randomBytes(32).toString('base64url') });
    expect(stolen.json().error).toBe('invalid_grant');
    const { fields: used, answer } = await grantTokens('cart:write');
    expect((await askToken(used)).json().error).toBe('invalid_grant');
    gateway.pass(2_000);
    expect((await call(answer.json().access_token, '/api/cart')).statusCode).toBe(401);
  });

  test('refreshes; a refresh token that comes back ends the grant and its access tokens', async () => {
    const { answer } = await grantTokens('cart:write');
    const first = answer.json();
    const refreshing = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
    const second = (await askToken(refreshing)).json();
    expect((await call(second.access_token, '/api/cart')).statusCode).toBe(200);
    expect((await askToken(refreshing)).json().error).toBe('invalid_grant');
    gateway.pass(2_000);
    expect((await call(second.access_token, '/api/cart')).statusCode).toBe(401);
  });

  test('a wrong password, and "do not allow", lead to nothing; the page shows names as text', async () => {
    const jar: Jar = new Map();
    const page = await follow(authorizeUrl(randomBytes(32).toString('base64url'), 'cart:write'), jar);
    expect(page.body).not.toContain('<b>partner');
    const wrong = await send(formOf(page.body, 'sign-in'), { email: ada.email, password: 'a guess' }, { jar });
    expect(wrong.statusCode).toBe(401);
    expect(wrong.body).toContain('role="alert"');
    const cancelled = await send(formOf(page.body, 'cancel'), {}, { jar });
    const back = await follow(String(cancelled.headers.location), jar);
    expect(String(back.headers.location)).toContain('error=access_denied');
  });
});

describe('the gateway', () => {
  test.each([
    ['POST', '/api/checkout', undefined],
    ['DELETE', '/api/account', undefined],
    ['GET', '/api/account', undefined],
    ['GET', '/api/account/addresses', undefined],
    ['GET', '/api/orders/1', 'orders:read'],
    ['GET', '/api/products', 'catalog:read'],
  ] as const)('refuses %s %s to a token that does not allow it', async (method, url, scope) => {
    const { answer } = await grantTokens('cart:write');
    const refused = await call(answer.json().access_token, url, method);
    expect(refused.statusCode).toBe(403);
    expect(refused.json().code).toBe('insufficient_scope');
    const challenge = `Bearer error="insufficient_scope"${scope === undefined ? '' : `, scope="${scope}"`}`;
    expect(refused.headers['www-authenticate']).toBe(challenge);
  });

  test.each([
    ['is forged', { forged: true }],
    ['is for another audience', { aud: 'http://elsewhere.example/api' }],
    ['has another issuer', { iss: 'http://elsewhere.example' }],
    ['says that it is a person’s own', { typ: 'JWT' }],
  ])('refuses a token that %s', async (_name, { forged = false, typ = 'at+jwt', ...claims }: Forgery) => {
    const real = decodeJwt(await ownToken());
    const { kid, ...jwk } = await gateway.keys.newest();
    const key = forged ? (await generateKeyPair('ES256')).privateKey : await importJWK(jwk, 'ES256');
    const sign = (payload: JWTPayload, type: string) =>
      new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: type, kid }).sign(key);
    const answer = await call(await sign({ ...real, ...claims }, typ), '/api/products');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    // The same but for what is wrong with it is good: it is refused for that.
    const control = await call(await sign(real, 'at+jwt'), '/api/products');
    expect(control.statusCode).toBe(forged ? 401 : 200);
  });

  test('refuses a revoked token within two seconds; nobody revokes another’s', async () => {
    const token = await ownToken();
    const rival = `Basic ${Buffer.from(`rival:${encodeURIComponent(secret)}`).toString('base64')}`;
    expect((await send('/oauth/revoke', { token }, { authorization: rival })).statusCode).toBe(200);
    gateway.pass(2_000);
    expect((await call(token, '/api/products')).statusCode).toBe(200);
    expect((await send('/oauth/revoke', { token }, { authorization: basic })).statusCode).toBe(200);
    gateway.pass(2_000);
    const refused = await call(token, '/api/products');
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  test('refuses the tokens of an account that is gone, and those that have ended', async () => {
    const { answer } = await grantTokens('cart:write');
    const { access_token: token, refresh_token: refreshToken } = answer.json();
    const own = await gateway.app.inject({
      method: 'POST',
      url: '/api/sign-in',
      payload: { email: ada.email, password: ada.password },
    });
    await call(own.json().token, '/api/account', 'DELETE');
    gateway.pass(2_000);
    expect((await call(token, '/api/cart')).statusCode).toBe(401);
    expect((await askToken({ grant_type: 'refresh_token', refresh_token: refreshToken })).json().error).toBe(
      'invalid_grant',
    );
    const last = await ownToken();
    gateway.pass(11 * 60_000);
    const ended = await call(last, '/api/products');
    expect(ended.statusCode).toBe(401);
    expect(ended.headers['www-authenticate']).toContain('error_description="expired"');
  });
});
