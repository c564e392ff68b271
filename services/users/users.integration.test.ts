import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renderOpenapi } from '#services/kit/openapi';
import { readPrimaryOnly } from '#services/kit/replica/reader';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { tokenClaims } from './contract.ts';
import { manifest } from './manifest.ts';
import { migrations, type UsersTables } from './schema.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';

const secret = 'a secret of at least thirty-two characters';
const ada = { email: 'Ada@Example.com', password: 'correct horse battery', name: 'Ada' };
let nowMs = Date.UTC(2026, 0, 1);
let service: TestService<UsersTables>;
let db: Kysely<UsersTables>;
let keys: SigningKeys;
let app: Server;

beforeAll(async () => {
  service = await openTestService<UsersTables>({ manifest, migrations });
  ({ db } = service);
  keys = createSigningKeys({ db, secret, now: () => nowMs });
  app = await service.newServer();
  const oauth = { issuer: 'http://127.0.0.1:4100', cookieSecret: secret, logger: service.logger };
  addRoutes(app, { oauth, db, reader: readPrimaryOnly(db), keys, now: () => nowMs, changed: () => {} });
});

afterAll(async () => {
  await service?.stop();
});

beforeEach(async () => {
  await db.deleteFrom('users').execute();
  await db.deleteFrom('sign_in_failures').execute();
  await db.deleteFrom('outbox').execute();
});

async function post(url: string, payload: object, headers: Record<string, string> = {}) {
  const response = await app.inject({ method: 'POST', url, payload, headers });
  return { status: response.statusCode, body: response.body === '' ? null : response.json() };
}

async function verify(token: string) {
  const options = { issuer: tokenClaims.issuer, audience: tokenClaims.audience, currentDate: new Date(nowMs) };
  return jwtVerify(token, createLocalJWKSet(await keys.publish()), options);
}

describe('an account', () => {
  test('is registered once whatever the case of its address, and told of without naming anybody', async () => {
    expect((await post('/users', ada)).status).toBe(201);
    expect(await post('/users', { ...ada, email: 'ada@example.COM' })).toMatchObject({
      status: 409,
      body: { code: 'email_taken' },
    });
    const events = await db.selectFrom('outbox').select('event').execute();
    expect(events.map(({ event }) => event.type)).toEqual(['user.registered']);
    expect(JSON.stringify(events).toLowerCase()).not.toContain('ada');
  });

  test('keeps its password as a hash', async () => {
    await post('/users', ada);
    const { password_hash: hash } = await db.selectFrom('users').select('password_hash').executeTakeFirstOrThrow();
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hash).not.toContain(ada.password);
  });

  test('is gone with its addresses and sessions when it is deleted', async () => {
    const { userId, refreshToken } = (await post('/users', ada)).body;
    const address = { name: 'Ada', street: 'Karl-Marx-Allee 1', postcode: '10178', city: 'Berlin', country: 'DE' };
    expect((await post(`/users/${userId}/addresses`, address)).status).toBe(201);
    expect((await app.inject(`/users/${userId}/addresses`)).json().items).toMatchObject([address]);
    expect((await app.inject({ method: 'DELETE', url: `/users/${userId}` })).statusCode).toBe(204);
    expect((await app.inject(`/users/${userId}`)).statusCode).toBe(404);
    expect((await post('/sessions/refresh', { refreshToken })).status).toBe(401);
    expect(await db.selectFrom('addresses').selectAll().execute()).toEqual([]);
  });

  test.each([
    [{ ...ada, email: 'nobody' }, 'email'],
    [{ ...ada, password: 'short' }, 'password'],
    [{ ...ada, admin: true }, 'admin'],
  ])('is refused with the field that is wrong, and nothing of what was typed: %#', async (body, field) => {
    const answer = await post('/users', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(JSON.stringify(answer.body)).toContain(field);
    expect(JSON.stringify(answer.body)).not.toContain(ada.password);
  });
});

describe('signing in', () => {
  test('gives a token that the published keys verify, for the session that the guest had', async () => {
    await post('/users', ada);
    const { status, body } = await post(
      '/sessions',
      { email: ada.email, password: ada.password },
      { 'x-session-id': 's-1' },
    );
    expect(status).toBe(201);
    const { payload } = await verify(body.accessToken);
    expect(payload).toMatchObject({ sub: body.userId, sid: 's-1' });
  });

  test('does not tell a wrong password from an unknown address', async () => {
    await post('/users', ada);
    const wrong = await post('/sessions', { email: ada.email, password: 'something else' });
    const unknown = await post('/sessions', { email: 'eve@example.com', password: 'something else' });
    const { requestId: _first, ...wrongBody } = wrong.body;
    const { requestId: _second, ...unknownBody } = unknown.body;
    expect(wrongBody).toEqual(unknownBody);
    expect(wrong.status).toBe(401);
  });

  test('stops guessing after ten wrong passwords, until the window is over', async () => {
    await post('/users', ada);
    for (let attempt = 0; attempt < 10; attempt += 1) await post('/sessions', { email: ada.email, password: 'guess' });
    const right = { email: ada.email, password: ada.password };
    expect(await post('/sessions', right)).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    nowMs += 15 * 60_000;
    expect((await post('/sessions', right)).status).toBe(201);
  });

  test('a refresh token is good once; used again it ends the session', async () => {
    const { refreshToken } = (await post('/users', ada)).body;
    const next = await post('/sessions/refresh', { refreshToken });
    expect(next.status).toBe(200);
    expect((await post('/sessions/refresh', { refreshToken })).status).toBe(401);
    expect((await post('/sessions/refresh', { refreshToken: next.body.refreshToken })).status).toBe(401);
  });

  test('signing out ends the session', async () => {
    const { refreshToken } = (await post('/users', ada)).body;
    expect((await post('/sessions/end', { refreshToken })).status).toBe(204);
    expect((await post('/sessions/refresh', { refreshToken })).status).toBe(401);
  });
});

test('keys rotate daily, and a token of the day before is still verified', async () => {
  const first = (await post('/users', ada)).body.accessToken;
  nowMs += 24 * 3_600_000;
  const second = (await post('/sessions', { email: ada.email, password: ada.password })).body.accessToken;
  expect(decodeProtectedHeader(second).kid).not.toBe(decodeProtectedHeader(first).kid);
  const { keys: published } = await keys.publish();
  expect(published.map(({ kid }) => kid)).toContain(decodeProtectedHeader(first).kid);
  expect(JSON.stringify(published)).not.toContain('"d"');
  const { sealed } = await db.selectFrom('signing_keys').select('sealed').executeTakeFirstOrThrow();
  expect(sealed.split('.')).toHaveLength(5);
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});
