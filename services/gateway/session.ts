import { randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { DomainError } from '#services/kit/problem';
import type { Session } from './contract.ts';

export type Sessions = {
  /** A token for a new guest. */
  issue: () => Promise<Session>;
  /**
   * The session id that an `authorization` header stands for.
   * @throws DomainError 401 `token_missing`, `token_expired` or `token_invalid`
   */
  verify: (authorization: string | undefined) => Promise<string>;
};

export type SessionOptions = {
  /** Signs the tokens; every instance of the gateway has the same. */
  secret: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  ttlSeconds?: number;
};

const issuer = 'bellwether-gateway';
const audience = 'shop';
const algorithm = 'HS256';

/** Guest sessions as signed tokens: nothing is stored, any instance can check them. */
export function createSessions({ secret, now, ttlSeconds = 2 * 3600 }: SessionOptions): Sessions {
  const key = new TextEncoder().encode(secret);
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
        const options = { issuer, audience, algorithms: [algorithm], currentDate: new Date(now()) };
        const { payload } = await jwtVerify(token, key, { ...options, requiredClaims: ['sub', 'exp'] });
        return String(payload.sub);
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw refused('token_expired', 'The session has expired.', error);
        throw refused('token_invalid', 'The session token is not valid.', error);
      }
    },
  };
}

function refused(code: string, message: string, cause?: unknown): DomainError {
  return new DomainError(code, 401, message, {}, { cause });
}
