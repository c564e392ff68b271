import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createSessions } from './session.ts';

const secret = 'a secret of at least thirty-two characters';
let nowMs = Date.UTC(2026, 0, 1);
const sessions = createSessions({ secret, now: () => nowMs, ttlSeconds: 60 });

describe('a session token', () => {
  test('stands for its session until it expires', async () => {
    const { token, sessionId, expiresAt } = await sessions.issue();
    expect(await sessions.verify(`Bearer ${token}`)).toBe(sessionId);
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
    const another = createSessions({ secret, now: () => nowMs });
    expect(await another.verify(`Bearer ${token}`)).toBe(sessionId);
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
