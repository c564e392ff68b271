import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTVerifyGetKey, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { ClientTokens } from './client-tokens.ts';
import { createSessions } from './session.ts';

const secret = 'a secret of at least thirty-two characters';
let nowMs = Date.UTC(2026, 0, 1);
const users = await generateKeyPair('ES256');
let keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(users.publicKey)), kid: 'k-1', alg: 'ES256' }] });
const userKeys: JWTVerifyGetKey = (header, token) => keys(header, token);
const clientTokens: ClientTokens = { verify: () => Promise.reject(new Error('no third party here')) };
const sessions = createSessions({ secret, userKeys, clientTokens, now: () => nowMs, ttlSeconds: 60 });

describe('a session token', () => {
  test('stands for its session until it expires', async () => {
    const { token, sessionId, expiresAt } = await sessions.issue();
    expect(await sessions.verify(`Bearer ${token}`)).toEqual({ sessionId, userId: null, client: null });
    expect(expiresAt).toBe('2026-01-01T00:01:00.000Z');
    nowMs += 61_000;
    await expect(sessions.verify(`Bearer ${token}`)).rejects.toMatchObject({ code: 'token_expired', status: 401 });
  });

  test('is another one for every guest', async () => {
    const [one, other] = await Promise.all([sessions.issue(), sessions.issue()]);
    expect(one.sessionId).not.toBe(other.sessionId);
  });

  test('works at every instance with the same secret', async () => {
    const { token, sessionId } = await sessions.issue();
    const another = createSessions({ secret, userKeys, clientTokens, now: () => nowMs });
    expect(await another.verify(`Bearer ${token}`)).toEqual({ sessionId, userId: null, client: null });
  });
});

describe('refused', () => {
  const claims = () =>
    new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('victim')
      .setIssuer('bellwether-gateway')
      .setAudience('shop')
      .setExpirationTime(Math.floor(nowMs / 1000) + 60);
  const key = (text: string) => new TextEncoder().encode(text);

  test.each([
    ['none', undefined, 'token_missing'],
    ['another scheme', 'Basic YTpi', 'token_missing'],
    ['nonsense', 'Bearer nonsense', 'token_invalid'],
  ])('%s', async (_name, header, code) => {
    await expect(sessions.verify(header)).rejects.toMatchObject({ code, status: 401 });
  });

  test('a token signed with another secret', async () => {
    const token = await claims().sign(key('another secret of at least 32 characters'));
    await expect(sessions.verify(`Bearer ${token}`)).rejects.toMatchObject({ code: 'token_invalid' });
  });

  test('a token that is not signed', async () => {
    const token = new UnsecuredJWT().setSubject('victim').setExpirationTime('1h').encode();
    await expect(sessions.verify(`Bearer ${token}`)).rejects.toMatchObject({ code: 'token_invalid' });
  });

  test('a token for somebody else', async () => {
    const token = await claims().setAudience('admin').sign(key(secret));
    await expect(sessions.verify(`Bearer ${token}`)).rejects.toMatchObject({ code: 'token_invalid' });
  });
});

describe('a user’s token', () => {
  const token = (change: { audience?: string; issuer?: string; kid?: string; expires?: number } = {}) =>
    new SignJWT({ sid: 's-1' })
      .setProtectedHeader({ alg: 'ES256', kid: change.kid ?? 'k-1' })
      .setSubject('u-1')
      .setIssuer(change.issuer ?? 'bellwether-users')
      .setAudience(change.audience ?? 'shop')
      .setExpirationTime(Math.floor(nowMs / 1000) + (change.expires ?? 60));

  test('stands for its user, under the session that they had as a guest', async () => {
    const signed = await token().sign(users.privateKey);
    expect(await sessions.verify(`Bearer ${signed}`)).toEqual({ sessionId: 's-1', userId: 'u-1', client: null });
  });

  test.each([
    ['for somebody else', { audience: 'admin' }, 'token_invalid'],
    ['of another issuer', { issuer: 'bellwether-gateway' }, 'token_invalid'],
    ['of a key that is not published', { kid: 'k-2' }, 'token_invalid'],
    ['that is over for longer than clocks may differ', { expires: -6 }, 'token_expired'],
  ])('%s is refused', async (_name, change, code) => {
    const signed = await token(change).sign(users.privateKey);
    await expect(sessions.verify(`Bearer ${signed}`)).rejects.toMatchObject({ code, status: 401 });
  });

  test('is taken a few seconds after its end: clocks differ', async () => {
    const signed = await token({ expires: -4 }).sign(users.privateKey);
    expect(await sessions.verify(`Bearer ${signed}`)).toMatchObject({ userId: 'u-1' });
  });

  test('signed with the guests’ secret or with the public key as a secret is refused', async () => {
    const publicKey = JSON.stringify(await exportJWK(users.publicKey));
    for (const key of [secret, publicKey]) {
      const forged = new SignJWT({ sid: 's-1' })
        .setProtectedHeader({ alg: 'HS256', kid: 'k-1' })
        .setSubject('u-1')
        .setIssuer('bellwether-users')
        .setAudience('shop')
        .setExpirationTime(Math.floor(nowMs / 1000) + 60);
      const signed = await forged.sign(new TextEncoder().encode(key));
      await expect(sessions.verify(`Bearer ${signed}`)).rejects.toMatchObject({ code: 'token_invalid' });
    }
  });

  test('says that users cannot be asked, not that the token is bad, while the keys cannot be had', async () => {
    const known = keys;
    keys = Object.assign(async () => Promise.reject(new TypeError('fetch failed')), { jwks: known.jwks }) as never;
    const signed = await token().sign(users.privateKey);
    await expect(sessions.verify(`Bearer ${signed}`)).rejects.toMatchObject({ status: 502 });
    keys = known;
  });
});
