import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares two secrets in a time that tells nothing about them. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * The user of an HTTP Basic `authorization` header whose password is right, else null. Any non-empty user name will
 * do: it is recorded as the author of what that person decides.
 */
export function readBasicUser(authorization: string | null | undefined, password: string): string | null {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '');
  const decoded = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) return null;
  return sameSecret(decoded.slice(colon + 1), password) ? decoded.slice(0, colon) : null;
}
