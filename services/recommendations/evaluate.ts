import { pairsOf, similarity } from './model.ts';

export type Evaluation = {
  /** Baskets of two or more products in the part that was not learnt from. */
  tested: number;
  /** Share of them whose left-out product was among the first `k`, 0 to 1. */
  hitRate: number;
  /** The same if everybody were shown what is bought most. */
  popularityHitRate: number;
};

/**
 * Learns from the first part of the orders, and asks in each later one for the last product, given the others.
 * @param baskets product ids per order, oldest first
 * @param trainShare part that is learnt from, 0 to 1
 */
export function evaluate(
  baskets: readonly (readonly string[])[],
  { trainShare = 0.8, k = 10 }: { trainShare?: number; k?: number } = {},
): Evaluation {
  const split = Math.floor(baskets.length * trainShare);
  const learnt = learn(baskets.slice(0, split));
  const tests = baskets
    .slice(split)
    .map((basket) => [...new Set(basket)])
    .filter(({ length }) => length > 1);
  const popular = rank(learnt.orders);
  let hits = 0;
  let popularHits = 0;
  for (const basket of tests) {
    const given = new Set(basket.slice(0, -1));
    const wanted = basket.at(-1) ?? '';
    const fresh = (ids: string[]): string[] => ids.filter((id) => !given.has(id)).slice(0, k);
    const together = rank(scoreAll(learnt, given));
    if (fresh([...new Set([...together, ...popular])]).includes(wanted)) hits += 1;
    if (fresh(popular).includes(wanted)) popularHits += 1;
  }
  const share = (count: number): number => (tests.length === 0 ? 0 : count / tests.length);
  return { tested: tests.length, hitRate: share(hits), popularityHitRate: share(popularHits) };
}

type Learnt = { orders: Map<string, number>; together: Map<string, Map<string, number>> };

function learn(baskets: readonly (readonly string[])[]): Learnt {
  const orders = new Map<string, number>();
  const together = new Map<string, Map<string, number>>();
  const count = (from: string, to: string): void => {
    const row = together.get(from) ?? new Map<string, number>();
    row.set(to, (row.get(to) ?? 0) + 1);
    together.set(from, row);
  };
  for (const basket of baskets) {
    for (const id of new Set(basket)) orders.set(id, (orders.get(id) ?? 0) + 1);
    for (const [first, second] of pairsOf(basket)) {
      count(first, second);
      count(second, first);
    }
  }
  return { orders, together };
}

function scoreAll({ orders, together }: Learnt, given: ReadonlySet<string>): Map<string, number> {
  const scores = new Map<string, number>();
  for (const id of given) {
    for (const [other, times] of together.get(id) ?? []) {
      const pair = { together: times, orders: orders.get(id) ?? 0, otherOrders: orders.get(other) ?? 0 };
      scores.set(other, (scores.get(other) ?? 0) + similarity(pair));
    }
  }
  return scores;
}

function rank(scores: ReadonlyMap<string, number>): string[] {
  return [...scores].sort(([idA, a], [idB, b]) => b - a || (idA < idB ? -1 : 1)).map(([id]) => id);
}
