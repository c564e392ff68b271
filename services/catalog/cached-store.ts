import { z } from 'zod';
import type { CloudEvent } from '#process/bus/cloud-event';
import type { Cache } from '#services/kit/cache/cache';
import { type Product, type ProductList, productIdOf, productListSchema, productSchema } from './contract.ts';
import type { CatalogStore } from './store.ts';

export type CachedStore = {
  /** Reads through the cache; views are counted by the store itself, each of them. */
  store: CatalogStore;
  /** Takes `product.changed`: forgets the product with its variants, and every page of the list. Never rejects. */
  handleChange: (event: CloudEvent) => Promise<void>;
  /** The same for a change that was made here, before its event has come. */
  forget: (productId: string) => Promise<void>;
  /** For when changes may have been missed. */
  forgetAll: () => Promise<void>;
  /** Reads the assortment, as much as there is room for: a fresh instance asks the database for no product of it. */
  warmUp: () => Promise<void>;
};

const changeSchema = z.object({ productId: z.string() });

/** Ends what an invalidation that got lost (a bus that is away) would leave. */
const ttl = { ttlSeconds: 1_800, negativeTtlSeconds: 15 };

/**
 * Puts the cache in front of the store. A change is seen when its event has come, a second or so after the commit. Every
 * instance has to take every event: only then does it hold without Redis, and while Redis is away.
 */
export function createCachedStore(store: CatalogStore, cache: Cache): CachedStore {
  const products = cache.region<Product | null>({ name: 'product', schema: productSchema, ...ttl });
  const lists = cache.region<ProductList>({ name: 'list', schema: productListSchema, ...ttl });
  const forgetAll: CachedStore['forgetAll'] = async () => {
    await Promise.all([products.clear(), lists.clear()]);
  };
  const forget: CachedStore['forget'] = async (productId) => {
    await Promise.all([products.invalidate([productId]), lists.clear()]);
  };
  const find = (id: string): Promise<Product | null> => products.get(id, () => store.find(id));
  return {
    forget,
    forgetAll,
    warmUp: () => products.fill(async (limit) => (await store.readAll(limit)).map((product) => [product.id, product])),
    store: {
      ...store,
      find,
      findVariant: async (sku) => {
        const product = await find(productIdOf(sku));
        return product?.variants.find((variant) => variant.sku === sku) ?? null;
      },
      list: (query) => {
        const { category = '*', ids, limit, offset } = query;
        // Which products are asked for together hardly repeats.
        if (ids !== undefined) return store.list(query);
        return lists.get(`${category}:${limit}:${offset}`, () => store.list(query));
      },
    },
    handleChange: async ({ data }) => {
      const change = changeSchema.safeParse(data);
      await (change.success ? forget(change.data.productId) : forgetAll());
    },
  };
}
