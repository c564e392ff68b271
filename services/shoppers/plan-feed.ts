import { type Category, categories } from '#services/catalog/contract';

/** Products that are compared, of those on a page. */
const compared = 4;

/** Requests of one reading of the feed; two for each product compared. */
export const feedRequests = 2 + 2 * compared;

/** What a partner reads at a time: a page of a shelf, a search, and price and stock of some of what it found. */
export type FeedPlan = { category: Category | null; offset: number; query: string; picks: readonly number[] };

/** Draws the next reading of the feed. Fractions in [0, 1) choose among what the shop then shows. */
export function planFeed(random: () => number): FeedPlan {
  const category = categories[Math.floor(random() * categories.length)] ?? null;
  const offset = 20 * Math.floor(2 * random());
  return { category, offset, query: category ?? 'wool', picks: Array.from({ length: compared }, random) };
}
