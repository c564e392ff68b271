import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { DomainError } from '#services/kit/problem';
import type { Session } from './contract.ts';
import { verifyUserToken } from './user-tokens.ts';

/** A guest has a session only; who signed in goes on under the session that they had. */
export type Identity = { sessionId: string; userId: string | null };

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
  /** Milliseconds since the epoch. */
  now: () => number;
  ttlSeconds?: number;
};

const issuer = 'bellwether-gateway';
const audience = 'shop';
const algorithm = 'HS256';

/** Guest sessions as signed tokens: nothing is stored, any instance can check them. Users' tokens are checked beside. */
export function createSessions({ secret, userKeys, now, ttlSeconds = 2 * 3600 }: SessionOptions): Sessions {
  const key = new TextEncoder().encode(secret);
  const verifyGuest = async (token: string): Promise<Identity> => {
    const options = { issuer, audience, algorithms: [algorithm], currentDate: new Date(now()) };
    const { payload } = await jwtVerify(token, key, { ...options, requiredClaims: ['sub', 'exp'] });
    return { sessionId: String(payload.sub), userId: null };
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
      const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) throw refused('token_missing', 'A session token is needed: POST /api/session.');
      try {
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

function refused(code: string, message: string, cause?: unknown): DomainError {
  return new DomainError(code, 401, message, {}, { cause });
}
