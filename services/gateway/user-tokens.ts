import {
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { UnansweredError } from '#services/kit/downstream';
import { jwksPath, tokenClaims } from '#services/users/contract';

/** Clocks of two machines differ; a token is taken for so long after its end, and before its beginning, in seconds. */
const clockToleranceSeconds = 5;

/** Longest wait for the keys, and the shortest time between two looks for a key that is not known, in milliseconds. */
const fetchTimeoutMs = 1_500;
const cooldownMs = 5_000;

export type UserIdentity = { userId: string; sessionId: string; client: null };

/** The keys that users publishes; asked for again when a token names one that is not known, so that rotation needs no word. */
export function followUserKeys(usersUrl: string): JWTVerifyGetKey {
  const options = { timeoutDuration: fetchTimeoutMs, cooldownDuration: cooldownMs, cacheMaxAge: 3_600_000 };
  return createRemoteJWKSet(new URL(jwksPath, usersUrl), options);
}

/**
 * Who a user's access token stands for.
 * @throws errors of jose for a token that is not good; UnansweredError when the keys cannot be had
 */
export async function verifyUserToken(token: string, keys: JWTVerifyGetKey, nowMs: number): Promise<UserIdentity> {
  const { issuer, audience, algorithm } = tokenClaims;
  const required = { issuer, audience, algorithms: [algorithm], requiredClaims: ['sub', 'exp', 'sid'] };
  const { sub, sid } = await verifyWithKeys(token, keys, nowMs, required);
  return { userId: String(sub), sessionId: String(sid), client: null };
}

/**
 * The claims of a token that one of users' keys has signed.
 * @throws errors of jose for a token that is not good; UnansweredError when the keys cannot be had
 */
export async function verifyWithKeys(
  token: string,
  keys: JWTVerifyGetKey,
  nowMs: number,
  required: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    const times = { clockTolerance: clockToleranceSeconds, currentDate: new Date(nowMs) };
    return (await jwtVerify(token, keys, { ...required, ...times })).payload;
  } catch (error) {
    if (error instanceof errors.JWKSTimeout) throw new UnansweredError('users', 'timeout', { cause: error });
    if (isTokenError(error)) throw error;
    throw new UnansweredError('users', 'refused', { cause: error });
  }
}

/** What jose throws because of the token; the rest is that the keys could not be fetched. */
function isTokenError(error: unknown): boolean {
  return error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC' && error.code !== 'ERR_JWKS_INVALID';
}
