import { decodeProtectedHeader, errors, type JWTVerifyGetKey } from 'jose';
import type { Client } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { apiAudience, apiTokens, revocationsPath, revocationsSchema } from '#services/users/contract';
import type { Identity } from './session.ts';
import { verifyWithKeys } from './user-tokens.ts';

/** A revoked token is refused within so long. */
const rereadAfterMs = 2_000;

/** While users does not answer, what was read last is held for true; after so long third parties have to wait. */
const trustedForMs = 60_000;

export type ClientTokens = {
  /**
   * Who a third party's access token (RFC 9068) stands for, and what it allows.
   * @throws errors of jose for a token that is not good; UnansweredError when keys or revocations cannot be had
   */
  verify: (token: string) => Promise<Identity>;
};

export type ClientTokenOptions = {
  keys: JWTVerifyGetKey;
  users: Client;
  /** The address that third parties have the shop's API under. */
  issuer: string;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** Checks third parties' tokens: by the keys of users, and by its list of those that were revoked. */
export function createClientTokens({ keys, users, issuer, now }: ClientTokenOptions): ClientTokens {
  const readRevoked = followRevocations(users, now);
  const required = {
    ...{ issuer, audience: apiAudience(issuer), algorithms: [apiTokens.algorithm], typ: apiTokens.type },
    requiredClaims: ['sub', 'exp', 'jti', 'client_id'],
  };
  return {
    verify: async (token) => {
      const { sub, jti, client_id: clientId, scope, grant } = await verifyWithKeys(token, keys, now(), required);
      const revoked = await readRevoked();
      if ([`token:${jti}`, `grant:${grant}`, `user:${sub}`].some((key) => revoked.has(key))) {
        throw new errors.JWTInvalid('revoked');
      }
      const client = { clientId: String(clientId), scopes: String(scope ?? '').split(' ') };
      // In its own name a client is its own subject. Its session is the token: it looks around for as long as that is good.
      return { sessionId: `api.${jti}`, userId: sub === clientId ? null : String(sub), client };
    },
  };
}

/** Whether a token says that it is a third party's. */
export function isClientToken(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === apiTokens.type;
  } catch {
    return false;
  }
}

function followRevocations(users: Client, now: () => number): () => Promise<ReadonlySet<string>> {
  let known: ReadonlySet<string> = new Set();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    const askedAtMs = now();
    known = new Set(passOn('users', await users.get(revocationsPath), revocationsSchema).revoked);
    readAtMs = askedAtMs;
  };
  return async () => {
    if (now() - readAtMs < rereadAfterMs) return known;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading.catch((error: unknown) => {
      if (now() - readAtMs >= trustedForMs) throw error;
    });
    return known;
  };
}
