import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type Product, productIdOf, productListSchema, productSchema } from '#services/catalog/contract';
import { sessionSchema, signedInSchema } from '#services/gateway/contract';
import { stockSchema } from '#services/inventory/contract';
import type { Caller } from '#services/kit/caller';
import { UnansweredError } from '#services/kit/downstream';
import type { Answer, CallOptions, Client } from '#services/kit/fetch';
import { isUnfinished, type Order, orderSchema } from '#services/orders/contract';
import { searchResultSchema } from '#services/search/contract';
import { agents } from './agents.ts';
import type { SessionPlan, Step } from './plan-session.ts';

/** How a request went for the shopper: `refused` is a 4xx, `failed` a 5xx. */
export type RequestOutcome = 'ok' | 'refused' | 'failed' | 'unanswered';
export type CheckoutOutcome =
  | ('confirmed' | 'declined' | 'abandoned')
  | ('out_of_stock' | 'refused' | 'failed' | 'unanswered');

export type ShopperDeps = {
  gateway: Client;
  onRequest: (outcome: RequestOutcome) => void;
  onCheckout: (outcome: CheckoutOutcome) => void;
};

const codeSchema = z.looseObject({ code: z.string() });
const checkoutTimeoutMs = 10_000;
const reloadMs = 1_200;
/** To find the phone, and the question of the bank on it. */
const bankMs = 2_000;

/** One visit to the shop, step by step, until it is done or the shopper has had enough. */
export async function visitShop(deps: ShopperDeps, plan: SessionPlan, signal: AbortSignal): Promise<void> {
  const visit = new Visit(deps, plan, signal);
  if (!(await visit.begin())) return;
  for (const step of plan.steps) {
    await delay(step.thinkMs, undefined, { signal });
    if (!(await visit.take(step))) return;
  }
}

/** What a shopper has in view while they are in the shop. */
class Visit {
  private readonly deps: ShopperDeps;
  private readonly plan: SessionPlan;
  private readonly signal: AbortSignal;
  private authorization = '';
  private caller: Caller;
  private productIds: string[] = [];
  private product: Product | undefined;
  /** The variant that they would take, once they know that there is one left. */
  private wanted: string | undefined;
  private inCart = false;
  private order: Order | undefined;

  constructor(deps: ShopperDeps, plan: SessionPlan, signal: AbortSignal) {
    this.deps = deps;
    this.plan = plan;
    this.signal = signal;
    this.caller = { sessionId: null, device: plan.device, channel: plan.channel, userId: null };
  }

  async begin(): Promise<boolean> {
    // Crawlers keep no token; they are counted by the name that they give themselves.
    if (this.plan.channel === 'crawler') {
      this.caller = { ...this.caller, sessionId: `crawler-${randomUUID()}` };
      return true;
    }
    const answer = await this.ask('post', '/api/session');
    const session = sessionSchema.safeParse(answer?.body);
    if (!session.success) return false;
    this.authorization = `Bearer ${session.data.token}`;
    this.caller = { ...this.caller, sessionId: session.data.sessionId };
    return true;
  }

  /** @returns false when the shopper leaves */
  async take(step: Step): Promise<boolean> {
    switch (step.kind) {
      case 'list':
        return this.list(step.category, step.offset);
      case 'search':
        return this.search(step.query);
      case 'view':
        return this.view(step.pick);
      case 'reviews':
      case 'alsoBought':
        return this.scrollDown(step.kind === 'reviews' ? 'reviews' : 'recommendations');
      case 'stock':
        return this.checkStock(step.pick);
      case 'add':
        return this.addToCart(step.quantity);
      case 'cart':
        return !this.inCart || (await this.ask('get', '/api/cart')) !== undefined;
      case 'signIn':
        return this.signIn(step.account);
      case 'checkout':
        return this.checkOut(step.answersBank);
      case 'review':
        return this.review(step.rating);
    }
  }

  private async list(category: string | null, offset: number): Promise<boolean> {
    const query = category === null ? 'limit=24' : `category=${category}&limit=24&offset=${offset}`;
    const list = productListSchema.safeParse((await this.ask('get', `/api/products?${query}`))?.body);
    if (!list.success) return false;
    // An empty second page leaves them where they were.
    if (list.data.items.length > 0) this.productIds = list.data.items.map(({ id }) => id);
    return true;
  }

  private async search(query: string): Promise<boolean> {
    const answer = await this.ask('get', `/api/search?${new URLSearchParams({ q: query })}`);
    const found = searchResultSchema.safeParse(answer?.body);
    if (found.success && found.data.items.length > 0) this.productIds = found.data.items.map(({ id }) => id);
    return found.success;
  }

  /** Without what is below a product they can still buy it. */
  private async scrollDown(what: 'reviews' | 'recommendations'): Promise<boolean> {
    await this.ask('get', `/api/products/${this.product?.id}/${what}`);
    return true;
  }

  private async view(pick: number): Promise<boolean> {
    const id = this.productIds[Math.floor(pick * this.productIds.length)];
    if (id === undefined) return false;
    const product = productSchema.safeParse((await this.ask('get', `/api/products/${id}`))?.body);
    this.product = product.data;
    return product.success;
  }

  private async checkStock(pick: number): Promise<boolean> {
    const variants = this.product?.variants ?? [];
    const sku = variants[Math.floor(pick * variants.length)]?.sku;
    if (sku === undefined) return false;
    const stock = stockSchema.safeParse((await this.ask('get', `/api/stock/${sku}`))?.body);
    if (stock.success && stock.data.status !== 'out_of_stock') this.wanted = sku;
    return stock.success;
  }

  private async addToCart(quantity: number): Promise<boolean> {
    if (this.wanted === undefined) return false;
    const answer = await this.ask('post', '/api/cart/items', { body: { sku: this.wanted, quantity } });
    this.inCart = answer?.status === 200;
    return this.inCart;
  }

  /** Who cannot sign in buys as a guest. */
  private async signIn(account: number): Promise<boolean> {
    const credentials = { email: `shopper-${account}@example.com`, password: `password of shopper ${account}` };
    let answer = await this.ask('post', '/api/sign-in', { body: credentials });
    if (answer?.status === 401) {
      answer = await this.ask('post', '/api/register', { body: { ...credentials, name: `Shopper ${account}` } });
    }
    const signedIn = signedInSchema.safeParse(answer?.body);
    if (signedIn.success && signedIn.data.cartMerged) this.authorization = `Bearer ${signedIn.data.token}`;
    return true;
  }

  private async review(rating: number): Promise<boolean> {
    const [line] = this.order?.lines ?? [];
    if (this.order === undefined || line === undefined) return false;
    const body = { orderId: this.order.orderId, rating, title: rating > 3 ? 'As expected' : 'Not what I expected' };
    const answer = await this.ask('post', `/api/products/${productIdOf(line.sku)}/reviews`, { body });
    return answer !== undefined;
  }

  private async checkOut(answersBank: 'approve' | 'refuse' | null): Promise<boolean> {
    if (!this.inCart) return false;
    // A second try is the same purchase: it has the same key.
    const headers = { 'idempotency-key': randomUUID() };
    const body = { paymentToken: `tok_${this.plan.device}_visa` };
    const options = { headers, body, timeoutMs: checkoutTimeoutMs };
    const first = await this.ask('post', '/api/checkout', options, (last) => {
      // Unless it ended for good.
      if (last !== undefined && isUnfinished(last)) headers['idempotency-key'] = randomUUID();
    });
    const answer = first?.status === 202 ? await this.answerBank(first, answersBank) : first;
    const isBought = answer?.status === 201 || (answer !== first && answer?.status === 200);
    this.order = isBought ? orderSchema.safeParse(answer?.body).data : undefined;
    this.deps.onCheckout(checkoutOutcome(answer));
    return answer !== undefined;
  }

  /** What becomes of an order of which the bank asks: some never answer it. */
  private async answerBank(asked: Answer, answer: 'approve' | 'refuse' | null): Promise<Answer | undefined> {
    const order = orderSchema.safeParse(asked.body).data;
    if (answer === null || order === undefined) return asked;
    await delay(bankMs, undefined, { signal: this.signal });
    const options = { body: { answer }, timeoutMs: checkoutTimeoutMs };
    return this.ask('post', `/api/orders/${order.orderId}/challenge`, options);
  }

  /** Asks, and reloads as often as the shopper's patience allows. @returns undefined without any answer */
  private async ask(
    method: 'get' | 'post',
    path: string,
    options: CallOptions = {},
    beforeReload: (last: Answer | undefined) => void = () => {},
  ): Promise<Answer | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.askOnce(method, path, options);
      const failed = answer === undefined || answer.status >= 500;
      if (!failed || attempt >= this.plan.patience) return answer;
      beforeReload(answer);
      await delay(reloadMs, undefined, { signal: this.signal });
    }
  }

  private async askOnce(method: 'get' | 'post', path: string, options: CallOptions): Promise<Answer | undefined> {
    this.signal.throwIfAborted();
    const headers: Record<string, string> = { ...options.headers, 'user-agent': agents[this.plan.device] };
    if (this.authorization !== '') headers.authorization = this.authorization;
    try {
      const answer = await this.deps.gateway[method](path, { ...options, headers, caller: this.caller });
      this.deps.onRequest(outcomeOf(answer));
      return answer;
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error;
      this.deps.onRequest(outcomeOf(undefined));
      return undefined;
    }
  }
}

/** What a request came to, by its answer or the lack of one. */
export function outcomeOf(answer: Answer | undefined): RequestOutcome {
  if (answer === undefined) return 'unanswered';
  return answer.status >= 500 ? 'failed' : answer.status >= 400 ? 'refused' : 'ok';
}

function checkoutOutcome(answer: Answer | undefined): CheckoutOutcome {
  if (answer === undefined) return 'unanswered';
  if (answer.status === 201 || answer.status === 200) return 'confirmed';
  if (answer.status === 202) return 'abandoned';
  if (answer.status === 402) return 'declined';
  if (answer.status >= 500) return 'failed';
  return codeSchema.safeParse(answer.body).data?.code === 'out_of_stock' ? 'out_of_stock' : 'refused';
}
