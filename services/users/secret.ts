import { createHash, timingSafeEqual } from 'node:crypto';

/** For secrets of 128 random bits and more: a plain hash keeps them. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether a secret is the one that was hashed; takes as long either way. */
export function sameSecret(hash: string, secret: string): boolean {
  return timingSafeEqual(Buffer.from(hash), Buffer.from(hashSecret(secret)));
}
