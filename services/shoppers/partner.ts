import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { productListSchema, productSchema } from '#services/catalog/contract';
import { UnansweredError } from '#services/kit/downstream';
import type { Answer, CallOptions, Client } from '#services/kit/fetch';
import { exponentialMs } from './random.ts';
import { outcomeOf, type RequestOutcome } from './shopper.ts';

/** Of the requests of an ordinary day: what third parties make, sale or not, on top. */
export const partnerShare = 0.05;

export type PartnerOptions = {
  gateway: Client;
  /** As whom the shop knows it; null: there is none. */
  client: { clientId: string; clientSecret: string } | null;
  /** Wanted now. */
  requestsPerSecond: () => number;
  random: () => number;
  /** Milliseconds, on any clock. */
  now: () => number;
  onRequest: (outcome: RequestOutcome) => void;
};

const pageSize = 24;
/** So long before a token ends, another is fetched. */
const renewMs = 30_000;
/** Whoever is turned away, and not told for how long. */
const backOffMs = 5_000;
/** Who waits longer looks again whether the load has changed. */
const longestMs = 5_000;

const tokenSchema = z.looseObject({ access_token: z.string(), expires_in: z.number() });

/**
 * A company that shows the shop's assortment on its own site: it goes through the catalogue page by page, reads each
 * product and what is left of one of its variants, and begins anew. It asks one thing at a time, with a token of its own
 * (client credentials, RFC 6749, 4.4), and waits for as long as it is told to when it asks too often.
 * @returns how to end it
 */
export function startPartner(options: PartnerOptions): () => Promise<void> {
  if (options.client === null) return async () => {};
  const abort = new AbortController();
  const done = new Partner({ ...options, client: options.client }, abort.signal).run().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return () => {
    abort.abort();
    return done;
  };
}

type KnownPartner = PartnerOptions & { client: NonNullable<PartnerOptions['client']> };

class Partner {
  private readonly options: KnownPartner;
  private readonly signal: AbortSignal;
  private token: { value: string; untilMs: number } | undefined;
  private offset = 0;
  /** What there is to read before the next page. */
  private paths: string[] = [];

  constructor(options: KnownPartner, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
  }

  async run(): Promise<void> {
    for (;;) {
      const { random, requestsPerSecond } = this.options;
      const rate = requestsPerSecond();
      const waitMs = rate > 0 ? exponentialMs(random, rate) : Number.POSITIVE_INFINITY;
      await this.wait(Math.min(waitMs, longestMs));
      if (waitMs <= longestMs) await this.readOn();
    }
  }

  private async readOn(): Promise<void> {
    const authorization = await this.authorize();
    if (authorization === undefined) return this.wait(backOffMs);
    const path = this.paths.shift() ?? `/api/products?limit=${pageSize}&offset=${this.offset}`;
    const answer = await this.ask('get', path, { headers: { authorization } });
    if (answer?.status === 200) return this.note(answer.body);
    // Revoked, or its key is no longer known: with the next token it is asked again.
    if (answer?.status === 401) this.token = undefined;
    if (answer?.status !== 404) this.paths.unshift(path);
    if (answer?.status !== 429) return;
    const seconds = Number(answer.headers.get('retry-after'));
    await this.wait(seconds > 0 ? 1_000 * seconds : backOffMs);
  }

  /** Goes on by what was read: a page leads to its products, a product to its stock. */
  private note(body: unknown): void {
    const page = productListSchema.safeParse(body);
    const product = productSchema.safeParse(body);
    if (page.success) {
      const { items, total } = page.data;
      this.offset = this.offset + pageSize < total ? this.offset + pageSize : 0;
      this.paths.push(...items.map(({ id }) => `/api/products/${id}`));
    } else if (product.success) {
      const { variants } = product.data;
      const sku = variants[Math.floor(this.options.random() * variants.length)]?.sku;
      if (sku !== undefined) this.paths.unshift(`/api/stock/${sku}`);
    }
  }

  private async authorize(): Promise<string | undefined> {
    const { now, client } = this.options;
    const { clientId, clientSecret } = client;
    if (this.token === undefined || now() > this.token.untilMs - renewMs) {
      const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString(
        'base64',
      );
      const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'catalog:read' }).toString();
      const answer = await this.ask('post', '/oauth/token', { form, headers: { authorization: `Basic ${basic}` } });
      const given = tokenSchema.safeParse(answer?.body).data;
      this.token = given && { value: given.access_token, untilMs: now() + 1_000 * given.expires_in };
    }
    return this.token === undefined ? undefined : `Bearer ${this.token.value}`;
  }

  private async ask(method: 'get' | 'post', path: string, options: CallOptions): Promise<Answer | undefined> {
    try {
      const headers = { ...options.headers, 'user-agent': `${this.options.client.clientId}/1.0` };
      const answer = await this.options.gateway[method](path, { ...options, headers });
      this.options.onRequest(outcomeOf(answer));
      return answer;
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error;
      this.options.onRequest('unanswered');
      return undefined;
    }
  }

  private wait(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.signal });
  }
}
