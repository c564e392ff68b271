import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isUnfinished } from '#services/orders/contract';
import type { Bench } from '../instance.ts';
import { query } from '../query.ts';

const buyers = 500;
const pieces = 10;
/** So often those who were told that nothing is left ask again, while something is. */
const rounds = 6;

const codeSchema = z.object({ code: z.string() });
const tokenSchema = z.object({ token: z.string() });
const listSchema = z.object({ items: z.array(z.object({ id: z.string() })).min(1) });
const productSchema = z.object({ variants: z.array(z.object({ sku: z.string() })).min(1) });

/** So many buyers with the same article in their carts pay at once through the gateway. */
export async function sellLastPieces({
  instance,
  databaseUrl,
}: Bench): Promise<{ report: Record<string, unknown>; problems: string[] }> {
  const shop = createShop(instance.gatewayUrl);
  const sku = await shop.chooseArticle();
  await fetch(`http://127.0.0.1:${instance.ports.inventory}/stock/${sku}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ onHand: pieces }),
  });
  const tokens: string[] = [];
  for (let n = 0; n < buyers; n += 1) tokens.push(await shop.fillCart(sku));
  const answers = new Map<string, string>();
  let stock = await readStock(databaseUrl('inventory'), sku);
  // An order that took too long is undone, and its piece is there for who asks again.
  for (let round = 0; round < rounds && (stock.on_hand > 0 || stock.reserved > 0); round += 1) {
    if (round > 0) await sleep(5_000);
    const waiting = tokens.filter((token) => answers.get(token) !== '201');
    await Promise.all(waiting.map(async (token) => answers.set(token, await shop.checkOut(token))));
    stock = await readStock(databaseUrl('inventory'), sku);
  }
  const byAnswer = Object.fromEntries(
    [...Map.groupBy(answers.values(), (answer) => answer)].map(([answer, all]) => [answer, all.length]),
  );
  const sold = byAnswer['201'] ?? 0;
  return {
    report: { buyers, pieces, sold, left: stock, byAnswer },
    problems: [
      ...(sold === pieces ? [] : [`${sold} of ${pieces} were sold`]),
      ...(stock.on_hand === 0 && stock.reserved === 0 ? [] : [`left: ${JSON.stringify(stock)}`]),
    ],
  };
}

type Stock = { on_hand: number; reserved: number };

async function readStock(inventoryUrl: string, sku: string): Promise<Stock> {
  const [stock] = await query<Stock>(inventoryUrl, 'SELECT on_hand, reserved FROM stock WHERE sku = $1', [sku]);
  return stock ?? { on_hand: 0, reserved: 0 };
}

type Shop = {
  chooseArticle: () => Promise<string>;
  /** @returns the buyer's token */
  fillCart: (sku: string) => Promise<string>;
  /** Asks until there is an answer for good. @returns its status, or its code where it was refused */
  checkOut: (token: string) => Promise<string>;
};

function createShop(gatewayUrl: string): Shop {
  const ask = async (method: string, path: string, options: { token?: string; body?: object; key?: string } = {}) => {
    const { token, body, key } = options;
    const response = await fetch(`${gatewayUrl}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  return {
    chooseArticle: async () => {
      const { items } = listSchema.parse((await ask('GET', '/api/products?limit=1&offset=111')).body);
      const { variants } = productSchema.parse((await ask('GET', `/api/products/${items[0]?.id}`)).body);
      return variants[0]?.sku ?? '';
    },
    fillCart: async (sku) => {
      const { token } = tokenSchema.parse((await ask('POST', '/api/session')).body);
      const added = await ask('POST', '/api/cart/items', { token, body: { sku, quantity: 1 } });
      if (added.status !== 200) throw new Error(`the cart answered ${added.status}`);
      return token;
    },
    checkOut: async (token) => {
      // A second try is the same purchase, unless the first one was turned back for good.
      let key = randomUUID();
      for (let attempt = 0; attempt < 120; attempt += 1) {
        const answer = await ask('POST', '/api/checkout', { token, key, body: { paymentToken: 'tok_ok_last' } });
        if (answer.status === 201) return '201';
        if (isUnfinished(answer)) key = randomUUID();
        else if (answer.status < 500 && answer.status !== 429) return codeSchema.parse(answer.body).code;
        await sleep(500 + 20 * attempt);
      }
      return 'never answered';
    },
  };
}
