import { createHmac, timingSafeEqual } from 'node:crypto';

/** What is signed: the message's id, when it was sent (seconds since 1970), and its body as it goes over the wire. */
export type SignedMessage = { id: string; timestampSeconds: number; body: string };

export const webhookHeaders = { id: 'webhook-id', timestamp: 'webhook-timestamp', signature: 'webhook-signature' };

/** How far the clocks of sender and receiver may be apart; what is older may be a repetition by a stranger. */
const toleranceSeconds = 300;

/**
 * The headers of a message by the Standard Webhooks specification (standardwebhooks.com), symmetric, version 1.
 * @param secret `whsec_` and the key in base64
 */
export function signWebhook(message: SignedMessage, secret: string): Record<string, string> {
  return {
    [webhookHeaders.id]: message.id,
    [webhookHeaders.timestamp]: String(message.timestampSeconds),
    [webhookHeaders.signature]: `v1,${digest(message, secret).toString('base64')}`,
  };
}

export type Verification =
  | { ok: true; id: string }
  | { ok: false; reason: 'headers_missing' | 'timestamp_outside_window' | 'signature_invalid' };

/**
 * Whether a message comes from who has the secret, and now. Of several signatures (a sender that changes its key sends
 * two) one has to be right.
 */
export function verifyWebhook(
  headers: Record<string, string | string[] | undefined>,
  body: string,
  { secret, nowMs }: { secret: string; nowMs: number },
): Verification {
  const [id, timestamp, signatures] = [webhookHeaders.id, webhookHeaders.timestamp, webhookHeaders.signature].map(
    (name) => headers[name],
  );
  if (typeof id !== 'string' || id === '' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return { ok: false, reason: 'headers_missing' };
  }
  const timestampSeconds = Number(timestamp);
  // Written so that what is no number is outside.
  if (!(Math.abs(nowMs / 1_000 - timestampSeconds) <= toleranceSeconds)) {
    return { ok: false, reason: 'timestamp_outside_window' };
  }
  const expected = digest({ id, timestampSeconds, body }, secret);
  const right = signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return right ? { ok: true, id } : { ok: false, reason: 'signature_invalid' };
}

function digest({ id, timestampSeconds, body }: SignedMessage, secret: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest();
}
