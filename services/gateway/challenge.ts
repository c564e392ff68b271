import { z } from 'zod';

const refusalSchema = z.object({ status: z.number(), code: z.string(), scope: z.string().optional() });

/**
 * RFC 6750, section 3.1: why a token that was sent is not good, or not enough; nothing more for one that was not sent.
 * Null for a refusal that no other token would change.
 */
export function challengeFor(payload: unknown): string | null {
  const { status, code, scope } = refusalSchema.parse(JSON.parse(String(payload)));
  if (code === 'insufficient_scope') {
    return `Bearer error="insufficient_scope"${scope === undefined ? '' : `, scope="${scope}"`}`;
  }
  if (status !== 401) return null;
  if (code !== 'token_expired' && code !== 'token_invalid') return 'Bearer';
  return `Bearer error="invalid_token", error_description="${code === 'token_expired' ? 'expired' : 'not valid'}"`;
}
