import { categories } from '#services/catalog/contract';
import { UnansweredError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';
import { agents } from './agents.ts';
import { exponentialMs, pickWeighted } from './random.ts';

export type WindowShoppersOptions = {
  storefront: Client;
  /** Pages per second wanted now. */
  viewsPerSecond: () => number;
  random: () => number;
};

/** Who waits longer looks again whether the load has changed. */
const longestMs = 5_000;

/** A page that somebody looks at: the window, a shelf, a product, what a search found. */
export function planView(random: () => number): { path: string; device: 'phone' | 'desktop' } {
  const device = random() < 0.6 ? 'phone' : 'desktop';
  const category = categories[Math.floor(random() * categories.length)] ?? 'knitwear';
  const number = 1 + Math.floor(520 * random() ** 2);
  const paths = {
    window: '/',
    shelf: `/shop?category=${category}`,
    product: `/products/BW-${String(number).padStart(4, '0')}`,
    search: `/shop?q=${encodeURIComponent(`${category} ${random() < 0.5 ? 'wool' : 'navy'}`)}`,
  };
  const page = pickWeighted(random, [
    ['window', 30],
    ['shelf', 40],
    ['product', 20],
    ['search', 10],
  ] as const);
  return { path: paths[page], device };
}

/**
 * People in front of the storefront's windows: they open pages as they come, whether or not the earlier ones have been
 * served, and buy nothing. Few, because a page is more work than the requests behind it.
 * @returns how to send them away
 */
export function startWindowShoppers({ storefront, viewsPerSecond, random }: WindowShoppersOptions): () => void {
  let timer: NodeJS.Timeout | undefined;
  function look(): void {
    const { path, device } = planView(random);
    storefront.get(path, { headers: { accept: 'text/html', 'user-agent': agents[device] } }).catch((error: unknown) => {
      if (!(error instanceof UnansweredError)) throw error;
    });
  }
  function wait(): void {
    const rate = viewsPerSecond();
    const waitMs = rate > 0 ? exponentialMs(random, rate) : Number.POSITIVE_INFINITY;
    // Arrivals are memoryless: who waits for long may begin anew, at the rate that it is then.
    const comes = waitMs <= longestMs;
    timer = setTimeout(
      () => {
        if (comes) look();
        wait();
      },
      comes ? waitMs : longestMs,
    );
  }
  wait();
  return () => clearTimeout(timer);
}
