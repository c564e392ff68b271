import { z } from 'zod';
import type { Answer } from '#services/kit/fetch';

/** Of a token's life, this much is left when the next one is asked for: nothing is on its way with one that ends. */
const renewAt = 0.1;

const tokenSchema = z.object({ access_token: z.string(), expires_in: z.number().positive() });

export type PartnerToken = {
  /** A token that is good for a while; undefined when none is to be had now. */
  get: (signal: AbortSignal) => Promise<string | undefined>;
  /** Not to be used again: it was refused. */
  forget: (token: string) => void;
};

export type PartnerTokenOptions = {
  /** Asks for a token: the form of RFC 6749, section 4.4.2, with the client's own authorization. */
  ask: (form: string, authorization: string, signal: AbortSignal) => Promise<Answer | undefined>;
  clientId: string;
  secret: string;
  scope: string;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** A third party's token in its own name: kept, renewed before it ends, and asked for once by all that wait for it. */
export function createPartnerToken({ ask, clientId, secret, scope, now }: PartnerTokenOptions): PartnerToken {
  // Both are form-encoded before they are joined (RFC 6749, section 2.3.1).
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  let held: { token: string; untilMs: number } | undefined;
  let asking: Promise<void> | undefined;

  async function renew(signal: AbortSignal): Promise<void> {
    const askedAtMs = now();
    const form = new URLSearchParams({ grant_type: 'client_credentials', scope }).toString();
    const answer = await ask(form, authorization, signal);
    const granted = tokenSchema.safeParse(answer?.body).data;
    if (granted === undefined) return;
    const lifeMs = 1_000 * granted.expires_in;
    held = { token: granted.access_token, untilMs: askedAtMs + lifeMs * (1 - renewAt) };
  }

  const heldNow = (): string | undefined => (held === undefined || now() >= held.untilMs ? undefined : held.token);

  return {
    get: async (signal) => {
      if (heldNow() === undefined) {
        asking ??= renew(signal).finally(() => {
          asking = undefined;
        });
        await asking;
      }
      return heldNow();
    },
    forget: (token) => {
      if (held?.token === token) held = undefined;
    },
  };
}
