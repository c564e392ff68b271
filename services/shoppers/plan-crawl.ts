import { categories } from '#services/catalog/contract';
import type { SessionPlan, Step } from './plan-session.ts';

/** Pages of a category that a crawler goes through, and products that it opens on each. */
const shelves = 3;
const productsPerShelf = 6;

/** Requests of one crawl. */
export const crawlRequests = 1 + shelves * (1 + productsPerShelf);

/** A crawler's visit: shelf by shelf, product by product, quickly and evenly; it buys nothing and tries nothing twice. */
export function planCrawl(random: () => number): SessionPlan {
  const steps: Step[] = [{ kind: 'list', category: null, offset: 0, thinkMs: 0 }];
  for (let shelf = 0; shelf < shelves; shelf += 1) {
    const category = categories[Math.floor(random() * categories.length)] ?? null;
    steps.push({ kind: 'list', category, offset: 24 * Math.floor(2 * random()), thinkMs: 250 });
    for (let product = 0; product < productsPerShelf; product += 1) {
      steps.push({ kind: 'view', pick: product / productsPerShelf, thinkMs: 250 });
    }
  }
  return { device: 'bot', channel: 'crawler', patience: 0, steps };
}
