import type { Cache, Region } from '#services/kit/cache/cache';
import type { Versions } from './versions.ts';

/**
 * Answers that are the same for everybody and that nobody counts: lists of products, reviews, what goes with a product.
 * A product's page and a search are asked for each time, since being looked at is what their services tell of.
 */
export type ResponseCache = {
  /** The answer to a path of a service, from here or by `load`; failures are not kept. */
  get: <Body>(peer: SharedPeer, path: string, load: () => Promise<Body>) => Promise<Body>;
  /** Forgets the answer to a path, after a change that was made through here. Never rejects. */
  forget: (peer: SharedPeer, path: string) => Promise<void>;
};

export type SharedPeer = 'catalog' | 'reviews' | 'recommendations';

/**
 * How old an answer may be, and for how long after that the next visitor still gets it while it is asked for anew: what
 * many ask for is never older than the first, what was asked for last before lunch is gone. A price in a list is
 * checked again on the product's page and in the cart; a moderator's word on a review takes a moment.
 */
const keep: Record<SharedPeer, { ttlSeconds: number; staleSeconds: number }> = {
  catalog: { ttlSeconds: 5, staleSeconds: 60 },
  reviews: { ttlSeconds: 30, staleSeconds: 600 },
  recommendations: { ttlSeconds: 60, staleSeconds: 1_800 },
};

/** Keeps the answers of each version of a service apart. */
export function createResponseCache(cache: Cache, versions: Versions): ResponseCache {
  const open = (name: SharedPeer): Region<unknown> => cache.region({ name, negativeTtlSeconds: 1, ...keep[name] });
  const regions = { catalog: open('catalog'), reviews: open('reviews'), recommendations: open('recommendations') };
  return {
    get: async <Body>(peer: SharedPeer, path: string, load: () => Promise<Body>) =>
      (await regions[peer].get(`${versions.rank(peer)[0]} ${path}`, load)) as Body,
    forget: (peer, path) => regions[peer].invalidate(versions.names(peer).map((version) => `${version} ${path}`)),
  };
}

const sharedRoutes = ['/api/products', '/api/products/:id/recommendations', '/api/products/:id/reviews'];

/** Routes that answer everybody alike, and where nobody counts who looked. */
export function isSharedRoute(route: string): boolean {
  return sharedRoutes.includes(route);
}
