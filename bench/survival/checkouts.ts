import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isUnfinished } from '#services/orders/contract';

const everyMs = 500;
const attempts = 120;

const sessionSchema = z.object({ token: z.string() });
const listSchema = z.object({ items: z.array(z.object({ id: z.string() })) });
const productSchema = z.object({ variants: z.array(z.object({ sku: z.string() })) });
const orderSchema = z.object({ orderId: z.string() });

/** What became of one purchase as its buyer knows it. */
export type Purchase = {
  key: string;
  outcome: 'bought' | 'declined' | 'out of stock' | 'cancelled' | 'unknown';
  orderId: string | null;
};

export type Buyers = {
  /** What is known so far. */
  known: () => Purchase[];
  /** Waits for the answers that are still to come. */
  stop: () => Promise<Purchase[]>;
};

/** Buys at the gateway, one purchase each half second, asking again with the same idempotency key until there is an answer. */
export function startBuyers(gatewayUrl: string): Buyers {
  const known: Purchase[] = [];
  const underWay = new Set<Promise<unknown>>();
  let stopping = false;
  const buying = (async (): Promise<void> => {
    while (!stopping) {
      const purchase = buy(gatewayUrl)
        .then((ended) => known.push(ended))
        .finally(() => underWay.delete(purchase));
      underWay.add(purchase);
      await sleep(everyMs);
    }
  })();
  return {
    known: () => known,
    stop: async () => {
      stopping = true;
      await buying;
      await Promise.all(underWay);
      return known;
    },
  };
}

async function buy(gatewayUrl: string): Promise<Purchase> {
  const key = randomUUID();
  const ask = async (
    method: string,
    path: string,
    token?: string,
    body?: object,
  ): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${gatewayUrl}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': key }),
      },
      signal: AbortSignal.timeout(15_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const askForSure = async (...args: Parameters<typeof ask>): Promise<unknown> => {
    const answer = await ask(...args);
    if (answer.status >= 300) throw new Error(`${args[1]} answered ${answer.status}`);
    return answer.body;
  };
  const prepare = async (): Promise<string> => {
    const { token } = sessionSchema.parse(await askForSure('POST', '/api/session'));
    const offset = Math.floor(Math.random() * 400);
    const { items } = listSchema.parse(await askForSure('GET', `/api/products?limit=1&offset=${offset}`));
    const { variants } = productSchema.parse(await askForSure('GET', `/api/products/${items[0]?.id}`));
    const sku = variants[Math.floor(Math.random() * variants.length)]?.sku;
    await askForSure('POST', '/api/cart/items', token, { sku, quantity: 1 });
    return token;
  };
  const token = await persist(prepare);
  if (token === null) return { key, outcome: 'unknown', orderId: null };
  const purchase = await persist(async (): Promise<Purchase> => {
    const answer = await ask('POST', '/api/checkout', token, { paymentToken: 'tok_ok_survival' });
    if (answer.status === 201) return { key, outcome: 'bought', orderId: orderSchema.parse(answer.body).orderId };
    if (answer.status === 402) return { key, outcome: 'declined', orderId: null };
    if (answer.status === 409 && isOutOfStock(answer.body)) return { key, outcome: 'out of stock', orderId: null };
    if (isUnfinished(answer)) return { key, outcome: 'cancelled', orderId: null };
    throw new Error(`checkout answered ${answer.status}`);
  });
  return purchase ?? { key, outcome: 'unknown', orderId: null };
}

function isOutOfStock(body: unknown): boolean {
  return z.object({ code: z.literal('out_of_stock') }).safeParse(body).success;
}

/** Tries once a second until it works; null when it never does. */
async function persist<T>(work: () => Promise<T>): Promise<T | null> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      // An answer that is not what the contract says will not get better by waiting.
      if (error instanceof z.ZodError && attempt === 10) throw error;
      await sleep(1_000);
    }
  }
  return null;
}
