/** Name and version of the way in which scores are made; another one gets another number. */
export const modelVersion = 'item-cosine-1';

/** Orders that a pair is taken to have been seen without: what was bought together once says little. */
const shrinkage = 3;

/** How often two products were bought, and how often together. */
export type PairCount = { together: number; orders: number; otherOrders: number };

/**
 * Cosine similarity of two products as sets of orders, shrunk towards 0 where they were seen together seldom (Sarwar,
 * Karypis, Konstan, Riedl: Item-based collaborative filtering, WWW 2001; shrinkage as in Bell, Koren 2007).
 * @returns 0 to 1
 */
export function similarity({ together, orders, otherOrders }: PairCount): number {
  if (together === 0) return 0;
  return (together / Math.sqrt(orders * otherOrders)) * (together / (together + shrinkage));
}

/** The pairs of an order's products: each once, the smaller id first, in an order in which rows can be locked. */
export function pairsOf(productIds: readonly string[]): [string, string][] {
  const sorted = [...new Set(productIds)].sort();
  return sorted.flatMap((first, index) => sorted.slice(index + 1).map((second): [string, string] => [first, second]));
}
