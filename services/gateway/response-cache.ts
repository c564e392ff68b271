import type { Cache } from '#services/kit/cache/cache';

/**
 * Answers that are the same for everybody and that nobody counts: lists of products, reviews, what goes with a product.
 * A product's page and a search are asked for each time, since being looked at is what their services tell of.
 */
export type ResponseCache = {
  /** The answer to a path of a service, from here or by `load`; failures are not kept. */
  get: <Body>(peer: string, path: string, load: () => Promise<Body>) => Promise<Body>;
};

/** An own change may be missed for so long: a price is checked again in the cart, a review appears a moment later. */
const ttlSeconds = 5;

export function createResponseCache(cache: Cache): ResponseCache {
  const region = cache.region<unknown>({ name: 'responses', ttlSeconds, negativeTtlSeconds: 1 });
  return {
    get: async <Body>(peer: string, path: string, load: () => Promise<Body>) =>
      (await region.get(`${peer}${path}`, load)) as Body,
  };
}

const sharedRoutes = ['/api/products', '/api/products/:id/recommendations', '/api/products/:id/reviews'];

/** Routes that answer everybody alike, and where nobody counts who looked. */
export function isSharedRoute(route: string): boolean {
  return sharedRoutes.includes(route);
}
