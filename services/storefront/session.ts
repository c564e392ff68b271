import { z } from 'zod';
import { sessionSchema } from '#services/gateway/contract';
import type { Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { DomainError } from '#services/kit/problem';
import { tokensSchema } from '#services/users/contract';

const channelSchema = z.enum(['web', 'social', 'email']);
export type Channel = z.infer<typeof channelSchema>;

const storedSchema = z.object({
  token: z.string().max(2_000),
  expiresAtMs: z.number(),
  sessionId: z.string().max(64),
  /** Pieces in the cart when it was last seen: every page shows them. */
  pieces: z.number().int().min(0),
  /** What brought the customer here, when the session began. */
  channel: channelSchema,
  /** Only of somebody who has signed in. */
  refreshToken: z.string().max(200).nullable(),
});

/** What a browser keeps of its session: in one cookie that scripts cannot read. */
export type Session = z.infer<typeof storedSchema>;

const cookieName = 'shop';
/** As long as a refresh token is good; a guest's token is over earlier, and then another guest begins. */
const cookieSeconds = 30 * 86_400;
/** A token that is over before the page is made is of no use. */
const marginMs = 15_000;
/** Requests of one browser that come at once have one refresh token, and it is good once. */
const sharedMs = 30_000;

/** The session in a `cookie` header; null without one that can be read. */
export function readSession(cookies: string | undefined): Session | null {
  const value = new RegExp(`(?:^|; *)${cookieName}=([\\w-]+)`).exec(cookies ?? '')?.[1];
  if (value === undefined) return null;
  try {
    return storedSchema.parse(JSON.parse(Buffer.from(value, 'base64url').toString()));
  } catch {
    return null;
  }
}

/** A `set-cookie` header that keeps a session, or ends it. */
export function writeSession(session: Session | null, { secure }: { secure: boolean }): string {
  const value = session === null ? '' : Buffer.from(JSON.stringify(session)).toString('base64url');
  const age = session === null ? 0 : cookieSeconds;
  return `${cookieName}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

export type SessionKeeper = {
  /**
   * The session to go on with: the one that the browser has, renewed where its token is over, or a new guest's.
   * Null while the gateway cannot give one.
   */
  renew: (session: Session | null, channel: Channel) => Promise<Session | null>;
};

/** @param now milliseconds since the epoch */
export function createSessionKeeper({ gateway, now }: { gateway: Client; now: () => number }): SessionKeeper {
  const refreshing = new Map<string, Promise<Session>>();

  async function begin(channel: Channel): Promise<Session> {
    const { token, sessionId, expiresAt } = passOn('gateway', await gateway.post('/api/session'), sessionSchema);
    return { token, sessionId, expiresAtMs: Date.parse(expiresAt), pieces: 0, channel, refreshToken: null };
  }

  async function refresh(session: Session, refreshToken: string): Promise<Session> {
    const answer = await gateway.post('/api/sign-in/refresh', { body: { refreshToken } });
    const tokens = passOn('gateway', answer, tokensSchema);
    const expiresAtMs = Date.parse(tokens.accessExpiresAt);
    return { ...session, token: tokens.accessToken, expiresAtMs, refreshToken: tokens.refreshToken };
  }

  function refreshOnce(session: Session, refreshToken: string): Promise<Session> {
    const known = refreshing.get(refreshToken);
    if (known !== undefined) return known;
    const begun = refresh(session, refreshToken);
    refreshing.set(refreshToken, begun);
    setTimeout(() => refreshing.delete(refreshToken), sharedMs).unref();
    return begun;
  }

  async function renew(session: Session | null, channel: Channel): Promise<Session | null> {
    if (session !== null && session.expiresAtMs - marginMs > now()) return session;
    try {
      if (session === null || session.refreshToken === null) return await begin(channel);
      return await refreshOnce(session, session.refreshToken);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // Signed out elsewhere: they go on as a guest.
      return error.status === 401 ? renew(null, channel) : null;
    }
  }
  return { renew };
}
