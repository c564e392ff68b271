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

export type Buyers = { stop: () => Promise<Purchase[]> };

/** Buys at the gateway, one purchase each half second, asking again with the same idempotency key until there is an answer. */
export function startBuyers(gatewayUrl: string): Buyers {
  const purchases: Promise<Purchase>[] = [];
  let stopping = false;
  const buying = (async (): Promise<void> => {
    while (!stopping) {
      purchases.push(buy(gatewayUrl));
      await sleep(everyMs);
    }
  })();
  return {
    stop: async () => {
      stopping = true;
      await buying;
      return Promise.all(purchases);
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
  const prepare = async (): Promise<string> => {
    const { token } = sessionSchema.parse((await ask('POST', '/api/session')).body);
    const offset = Math.floor(Math.random() * 400);
    const { items } = listSchema.parse((await ask('GET', `/api/products?limit=1&offset=${offset}`)).body);
    const { variants } = productSchema.parse((await ask('GET', `/api/products/${items[0]?.id}`)).body);
    const sku = variants[Math.floor(Math.random() * variants.length)]?.sku;
    const { status } = await ask('POST', '/api/cart/items', token, { sku, quantity: 1 });
    if (status !== 200) throw new Error(`cart answered ${status}`);
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
