import type { CloudEvent } from '#process/bus/cloud-event';
import { variantSchema } from '#services/catalog/contract';
import { readCaller } from '#services/kit/caller';
import { UnexpectedAnswerError } from '#services/kit/downstream';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import {
  type Cart,
  cartParamsSchema,
  cartSchema,
  confirmedOrderSchema,
  itemParamsSchema,
  mergeSchema,
  putItemSchema,
} from './contract.ts';
import { bringUpToDate, type PriceDeps } from './prices.ts';
import type { CartStore } from './store.ts';

export type CartOptions = PriceDeps & {
  store: CartStore;
  /** Called after each change, so that its event is relayed at once. */
  changed: () => void;
};

/** Adds cart's routes. */
export function addRoutes(app: Server, deps: CartOptions): void {
  const { store, catalog, now, changed } = deps;
  const current = async (cart: Cart): Promise<Cart> =>
    (await bringUpToDate(deps, cart)) ? store.read(cart.cartId) : cart;
  const tags = ['carts'];
  const read = { params: cartParamsSchema, response: { 200: cartSchema } };
  app.get('/carts/:id', { schema: { summary: 'A cart; an unknown one is empty', tags, ...read } }, async (request) =>
    store.read(request.params.id),
  );

  const put = {
    params: cartParamsSchema,
    body: putItemSchema,
    response: { 200: cartSchema, 400: problemSchema, 404: problemSchema, 409: problemSchema },
  };
  const putSummary = 'Sets the quantity of an article, at its price of now';
  app.post('/carts/:id/items', { schema: { summary: putSummary, tags, ...put } }, async (request) => {
    const caller = readCaller(request.headers);
    const { sku, quantity } = request.body;
    const answer = await catalog.get(`/variants/${encodeURIComponent(sku)}`, { caller });
    if (answer.status === 404) throw new DomainError('unknown_sku', 404, `There is no article ${sku}.`, { sku });
    const variant = variantSchema.safeParse(answer.body);
    if (answer.status !== 200 || !variant.success) throw new UnexpectedAnswerError('catalog', answer.status);
    const cartId = request.params.id;
    const cart = await store.putItem({ cartId, variant: variant.data, quantity, caller, nowMs: now() });
    changed();
    return current(cart);
  });

  const merge = { params: cartParamsSchema, body: mergeSchema, response: { 200: cartSchema, 400: problemSchema } };
  app.post(
    '/carts/:id/merge',
    { schema: { summary: 'Moves what is in another cart into this one', tags, ...merge } },
    async (request) => {
      const caller = readCaller(request.headers);
      const cart = await store.merge({ from: request.body.from, cartId: request.params.id, caller, nowMs: now() });
      changed();
      // It has come along, whether or not its prices can be looked at now: a failure would say that it has not.
      return current(cart).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
        request.log.warn({ err: error }, 'the prices of a merged cart were not looked at');
        return cart;
      });
    },
  );

  const remove = { params: itemParamsSchema, response: { 200: cartSchema } };
  app.delete(
    '/carts/:id/items/:sku',
    { schema: { summary: 'Takes an article out of the cart', tags, ...remove } },
    async (request) => {
      const { id: cartId, sku } = request.params;
      const cart = await store.removeItem({ cartId, sku, caller: readCaller(request.headers), nowMs: now() });
      changed();
      return cart;
    },
  );
}

/** Empties the cart of a confirmed order. @throws ZodError when the event does not name a cart */
export async function onOrderConfirmed(
  { store, now, changed }: Pick<CartOptions, 'store' | 'now' | 'changed'>,
  event: CloudEvent,
): Promise<void> {
  const { cartId, orderId, sessionId = null } = confirmedOrderSchema.parse(event.data);
  await store.checkOut({ cartId, orderId, sessionId, eventId: event.id, nowMs: now() });
  changed();
}
