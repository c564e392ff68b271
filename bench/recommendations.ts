import { createAssortment } from '#services/catalog/assortment';
import type { Product } from '#services/catalog/contract';
import { evaluate } from '#services/recommendations/evaluate';
import { modelVersion } from '#services/recommendations/model';
import { planSession, type SessionPlan } from '#services/shoppers/plan-session';
import { createRandom } from '#services/shoppers/random';
import { writeReport } from './report.ts';

/** Visits of the demo's shoppers; at the default load they come in about five hours. */
const visits = 40_000;
const pageSize = 24;

const assortment = createAssortment();
const baskets = Array.from({ length: visits }, (_, seed) =>
  buy(planSession(createRandom(seed), { flashSale: false })),
).filter((basket) => basket.length > 0);
const evaluation = evaluate(baskets, { trainShare: 0.8, k: 10 });
const several = baskets.filter((basket) => new Set(basket).size > 1).length;
const summary = { model: modelVersion, orders: baskets.length, ordersWithSeveral: several, ...evaluation };

console.table({
  [`${modelVersion}, hit rate@10`]: evaluation.hitRate,
  'popularity, hit rate@10': evaluation.popularityHitRate,
  ratio: evaluation.hitRate / evaluation.popularityHitRate,
});
writeReport('recommendations', summary);

/** What a shopper has in the cart when they check out: they choose among what the shop shows them, as in the shop. */
function buy({ steps }: SessionPlan): string[] {
  const cart: string[] = [];
  let shown: readonly Product[] = [];
  let product: Product | undefined;
  for (const step of steps) {
    if (step.kind === 'list') shown = listProducts(step.category, step.offset);
    if (step.kind === 'search') shown = findProducts(step.query);
    if (step.kind === 'view') product = shown[Math.floor(step.pick * shown.length)];
    if (step.kind === 'add' && product !== undefined) cart.push(product.id);
    if (step.kind === 'checkout') return cart;
  }
  return [];
}

function listProducts(category: string | null, offset: number): readonly Product[] {
  const all = category === null ? assortment : assortment.filter((product) => product.category === category);
  return all.slice(offset, offset + pageSize);
}

/** About what search finds: every word in the name. */
function findProducts(query: string): readonly Product[] {
  const words = query.split(' ');
  return assortment.filter(({ name }) => words.every((word) => name.includes(word.slice(0, 5)))).slice(0, pageSize);
}
