import { productListSchema, productSchema } from '#services/catalog/contract';
import { UnansweredError } from '#services/kit/downstream';
import type { Answer, Client } from '#services/kit/fetch';
import { agents } from './agents.ts';
import { createPartnerToken } from './partner-token.ts';
import type { FeedPlan } from './plan-feed.ts';
import { outcomeOf, type RequestOutcome } from './shopper.ts';

export type PartnerOptions = {
  gateway: Client;
  clientId: string;
  secret: string;
  onRequest: (outcome: RequestOutcome) => void;
  random: () => number;
  /** Milliseconds since the epoch. */
  now: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** A third party that reads the shop's catalogue in its own name. */
export type Partner = { readFeed: (plan: FeedPlan, signal: AbortSignal) => Promise<void> };

/** A request that was told to come later comes so often before the reading is given up. */
const attempts = 3;

const longestRestMs = 60_000;

/**
 * A program as third parties write them: a token by client credentials (RFC 6749, section 4.4), renewed before it ends;
 * after a 429 none of its requests leaves before the gateway said they may, and those that waited do not leave at once.
 */
export function createPartner(options: PartnerOptions): Partner {
  const { gateway, clientId, secret, onRequest, random, now, sleep } = options;
  let restUntilMs = 0;
  let refusals = 0;

  function backOff(answer: Answer): void {
    refusals += 1;
    const told = 1_000 * Number(answer.headers.get('retry-after') ?? Number.NaN);
    const restMs = told > 0 ? told : 1_000 * 2 ** refusals;
    restUntilMs = Math.max(restUntilMs, now() + Math.min(longestRestMs, restMs));
  }

  async function ask(send: () => Promise<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const restMs = restUntilMs - now();
      if (restMs > 0) await sleep(restMs + 1_000 * random(), signal);
      signal.throwIfAborted();
      const answer = await send().catch((error: unknown) => {
        if (!(error instanceof UnansweredError)) throw error;
        return undefined;
      });
      onRequest(outcomeOf(answer));
      if (answer?.status !== 429) {
        refusals = 0;
        return answer;
      }
      backOff(answer);
      if (attempt === attempts) return answer;
    }
  }

  const tokens = createPartnerToken({
    ...{ clientId, secret, scope: 'catalog:read', now },
    ask: (form, authorization, signal) => {
      const headers = { authorization, 'user-agent': agents.partner };
      return ask(() => gateway.post('/oauth/token', { form, headers }), signal);
    },
  });

  async function get(path: string, signal: AbortSignal): Promise<unknown> {
    for (let isFresh = false; ; isFresh = true) {
      const token = await tokens.get(signal);
      if (token === undefined) return undefined;
      const headers = { authorization: `Bearer ${token}`, 'user-agent': agents.partner };
      const answer = await ask(() => gateway.get(path, { headers }), signal);
      if (answer?.status !== 401 || isFresh) return answer?.body;
      tokens.forget(token);
    }
  }

  return {
    readFeed: async ({ category, offset, query, picks }, signal) => {
      const page = new URLSearchParams({ ...(category && { category }), limit: '20', offset: String(offset) });
      const list = productListSchema.safeParse(await get(`/api/products?${page}`, signal));
      // Nothing to be had, or nothing on that page: the next reading comes soon enough.
      const items = list.data?.items ?? [];
      if (items.length === 0) return;
      await get(`/api/search?${new URLSearchParams({ q: query })}`, signal);
      for (const pick of picks) {
        const found = await get(`/api/products/${items[Math.floor(pick * items.length)]?.id}`, signal);
        const sku = productSchema.safeParse(found).data?.variants[0]?.sku;
        if (sku !== undefined) await get(`/api/stock/${sku}`, signal);
      }
    },
  };
}
