import { expect, test } from 'vitest';
import { UnansweredError } from '#services/kit/downstream';
import type { Answer, CallOptions, Client } from '#services/kit/fetch';
import { createSessionKeeper, readSession, type Session, writeSession } from './session.ts';

const nowMs = Date.parse('2026-11-26T18:00:00Z');
const customer: Session = {
  ...{ token: 'old', expiresAtMs: nowMs - 1, sessionId: 'a2f1cb2e-7c11-4cc0-8a4e-5f0f4f3f6c11', pieces: 3 },
  ...{ channel: 'email', refreshToken: 'r'.repeat(40) },
};

/** A gateway that answers as told, and remembers what it was asked. */
function gatewayThat(answer: (path: string) => { status: number; body: unknown }): {
  gateway: Client;
  asked: string[];
} {
  const asked: string[] = [];
  const post = async (path: string, _options?: CallOptions): Promise<Answer> => {
    asked.push(path);
    return { headers: new Headers(), ...answer(path) };
  };
  return { gateway: { peer: 'gateway', get: post, post, put: post, delete: post }, asked };
}

const guest = {
  token: 'guest',
  sessionId: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11',
  expiresAt: '2026-11-26T20:00:00.000Z',
};
const tokens = {
  ...{ userId: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c12', accessToken: 'new', refreshToken: 's'.repeat(40) },
  ...{ accessExpiresAt: '2026-11-26T18:15:00.000Z', refreshExpiresAt: '2026-12-26T18:00:00.000Z' },
};
const unauthorised = { type: 'about:blank', title: 'Unauthorized', status: 401, code: 'refresh_token_invalid' };

test('a session survives its cookie, which scripts cannot read and other sites cannot send', () => {
  const header = writeSession(customer, { secure: true });
  expect(header).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
  expect(writeSession(customer, { secure: false })).not.toContain('Secure');
  expect(readSession(`theme=dark; ${header.split(';')[0]}; other=1`)).toEqual(customer);
  expect(writeSession(null, { secure: false })).toContain('shop=; Path=/; Max-Age=0');
});

test.each([undefined, '', 'shop=', 'shop=nonsense', `shop=${Buffer.from('{"token":1}').toString('base64url')}`])(
  'a cookie that says nothing (%s) is nobody’s',
  (cookies) => expect(readSession(cookies)).toBeNull(),
);

test('who comes for the first time becomes a guest, and remembers what brought them', async () => {
  const { gateway, asked } = gatewayThat(() => ({ status: 201, body: guest }));
  const session = await createSessionKeeper({ gateway, now: () => nowMs }).renew(null, 'social');
  expect(session).toMatchObject({ token: 'guest', channel: 'social', pieces: 0, refreshToken: null });
  expect(asked).toEqual(['/api/session']);
});

test('a token that is still good is left alone', async () => {
  const { gateway, asked } = gatewayThat(() => ({ status: 500, body: null }));
  const good = { ...customer, expiresAtMs: nowMs + 60_000 };
  expect(await createSessionKeeper({ gateway, now: () => nowMs }).renew(good, 'web')).toBe(good);
  expect(asked).toEqual([]);
});

test('pages that are asked for at once spend the refresh token once: a second time would sign the customer out', async () => {
  const { gateway, asked } = gatewayThat(() => ({ status: 200, body: tokens }));
  const { renew } = createSessionKeeper({ gateway, now: () => nowMs });
  const sessions = await Promise.all([renew(customer, 'web'), renew(customer, 'web'), renew(customer, 'web')]);
  expect(asked).toEqual(['/api/sign-in/refresh']);
  for (const session of sessions) {
    expect(session).toMatchObject({ token: 'new', refreshToken: tokens.refreshToken, pieces: 3, channel: 'email' });
  }
});

test('who was signed out elsewhere goes on as a guest', async () => {
  const { gateway } = gatewayThat((path) =>
    path === '/api/session' ? { status: 201, body: guest } : { status: 401, body: unauthorised },
  );
  const session = await createSessionKeeper({ gateway, now: () => nowMs }).renew(customer, 'web');
  expect(session).toMatchObject({ token: 'guest', refreshToken: null, pieces: 0 });
});

test('while the gateway is away nobody is signed out: there is no session for this page, and the cookie stays', async () => {
  const { gateway } = gatewayThat(() => {
    throw new UnansweredError('gateway', 'refused');
  });
  expect(await createSessionKeeper({ gateway, now: () => nowMs }).renew(customer, 'web')).toBeNull();
});
