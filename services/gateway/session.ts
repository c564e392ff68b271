import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { DomainError } from '#services/kit/problem';
import { type ClientTokens, isClientToken } from './client-tokens.ts';
import type { Session } from './contract.ts';
import { verifyUserToken } from './user-tokens.ts';

/** A guest has a session only; who signed in goes on under the session that they had. */
export type Identity = {
  sessionId: string;
  userId: string | null;
  /** The third party that acts, in its own name or in the user's, and what it may do; null for people themselves. */
  client: { clientId: string; scopes: readonly string[] } | null;
};

export type Sessions = {
  /** A token for a new guest. */
  issue: () => Promise<Session>;
  /**
   * Who an `authorization` header stands for.
   * @throws DomainError 401 `token_missing`, `token_expired` or `token_invalid`; UnansweredError while the keys of users
   *   cannot be had
   */
  verify: (authorization: string | undefined) => Promise<Identity>;
};

export type SessionOptions = {
  /** Signs the guests' tokens; every instance of the gateway has the same. */
  secret: string;
  /** The keys that users signs with. */
  userKeys: JWTVerifyGetKey;
  /** Third parties' tokens. */
  clientTokens: ClientTokens;
  /** Milliseconds since the epoch. */
  now: () => number;
  ttlSeconds?: number;
};

const issuer = 'bellwether-gateway';
const audience = 'shop';
const algorithm = 'HS256';

/** Guest sessions as signed tokens: nothing is stored, any instance can check them. Users' tokens are checked beside. */
export function createSessions({
  secret,
  userKeys,
  clientTokens,
  now,
  ttlSeconds = 2 * 3600,
}: SessionOptions): Sessions {
  const key = new TextEncoder().encode(secret);
  const verifyGuest = async (token: string): Promise<Identity> => {
    const options = { issuer, audience, algorithms: [algorithm], currentDate: new Date(now()) };
    const { payload } = await jwtVerify(token, key, { ...options, requiredClaims: ['sub', 'exp'] });
    return { sessionId: String(payload.sub), userId: null, client: null };
  };
  return {
    issue: async () => {
      const sessionId = randomUUID();
      const issuedAt = Math.floor(now() / 1000);
      const token = await new SignJWT()
        .setProtectedHeader({ alg: algorithm })
        .setSubject(sessionId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ttlSeconds)
        .sign(key);
      return { token, sessionId, expiresAt: new Date((issuedAt + ttlSeconds) * 1000).toISOString() };
    },
    verify: async (authorization) => {
      const token = readBearer(authorization);
      if (token === undefined) throw refused('token_missing', 'A session token is needed: POST /api/session.');
      try {
        if (isClientToken(token)) return await clientTokens.verify(token);
        // Only users' tokens name a key. Either way the algorithm is the issuer's own, never the token's choice.
        const ofUser = decodeProtectedHeader(token).kid !== undefined;
        return ofUser ? await verifyUserToken(token, userKeys, now()) : await verifyGuest(token);
      } catch (error) {
        if (error instanceof DomainError) throw error;
        if (error instanceof errors.JWTExpired) throw refused('token_expired', 'The session has expired.', error);
        throw refused('token_invalid', 'The session token is not valid.', error);
      }
    },
  };
}

/** The token of an `authorization` header. */
export function readBearer(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

function refused(code: string, message: string, cause?: unknown): DomainError {
  return new DomainError(code, 401, message, {}, { cause });
}
