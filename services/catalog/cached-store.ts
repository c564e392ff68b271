import { z } from 'zod';
import type { CloudEvent } from '#process/bus/cloud-event';
import type { Cache } from '#services/kit/cache/cache';
import {
  type Product,
  type ProductList,
  productListSchema,
  productSchema,
  type Variant,
  variantSchema,
} from './contract.ts';
import type { CatalogStore } from './store.ts';

export type CachedStore = {
  /** Reads through the cache; views are counted by the store itself, each of them. */
  store: CatalogStore;
  /** Takes `product.changed`: forgets the product, its variants, and every page of the list. Never rejects. */
  handleChange: (event: CloudEvent) => Promise<void>;
  /** The same for a change that was made here, before its event has come. */
  forget: (change: { productId: string; skus: string[] }) => Promise<void>;
  /** For when changes may have been missed. */
  forgetAll: () => Promise<void>;
};

/** What `product.changed` tells. A change that takes SKUs away has to name them too. */
const changeSchema = z.object({ productId: z.string(), skus: z.array(z.string()) });

/** Ends what an invalidation that got lost (a bus that is away) would leave. */
const ttl = { ttlSeconds: 1_800, negativeTtlSeconds: 15 };

/**
 * Puts the cache in front of the store. A change is seen when its event has come, a second or so after the commit. Every
 * instance has to take every event: only then does it hold without Redis, and while Redis is away.
 */
export function createCachedStore(store: CatalogStore, cache: Cache): CachedStore {
  const products = cache.region<Product | null>({ name: 'product', schema: productSchema, ...ttl });
  const variants = cache.region<Variant | null>({ name: 'variant', schema: variantSchema, ...ttl });
  const lists = cache.region<ProductList>({ name: 'list', schema: productListSchema, ...ttl });
  const forgetAll: CachedStore['forgetAll'] = async () => {
    await Promise.all([products.clear(), variants.clear(), lists.clear()]);
  };
  const forget: CachedStore['forget'] = async ({ productId, skus }) => {
    await Promise.all([products.invalidate([productId]), variants.invalidate(skus), lists.clear()]);
  };
  return {
    forget,
    forgetAll,
    store: {
      ...store,
      find: (id) => products.get(id, () => store.find(id)),
      findVariant: (sku) => variants.get(sku, () => store.findVariant(sku)),
      list: (query) => {
        const { category = '*', ids, limit, offset } = query;
        // Which products are asked for together hardly repeats.
        if (ids !== undefined) return store.list(query);
        return lists.get(`${category}:${limit}:${offset}`, () => store.list(query));
      },
    },
    handleChange: async ({ data }) => {
      const change = changeSchema.safeParse(data);
      await (change.success ? forget(change.data) : forgetAll());
    },
  };
}
