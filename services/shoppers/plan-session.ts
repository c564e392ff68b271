import { type Category, categories } from '#services/catalog/contract';
import { createRandom, pickWeighted } from './random.ts';

/** What a shopper does next, after thinking about it. Fractions in [0, 1) choose among what the shop then shows. */
export type Step = { thinkMs: number } & (
  | { kind: 'list'; category: Category | null; offset: number }
  | { kind: 'search'; query: string }
  | { kind: 'view'; pick: number }
  | { kind: 'stock'; pick: number }
  | { kind: 'reviews' }
  | { kind: 'alsoBought' }
  | { kind: 'add'; quantity: number }
  | { kind: 'cart' }
  | { kind: 'signIn'; account: number }
  /** `answersBank`: what they say if their bank asks; null: nothing, they leave. */
  | { kind: 'checkout'; answersBank: 'approve' | 'refuse' | null }
  | { kind: 'review'; rating: number }
);

export type SessionPlan = {
  device: 'phone' | 'desktop' | 'bot';
  channel: 'app' | 'web' | 'social' | 'email' | 'crawler';
  /** How often they try again what failed before they leave. */
  patience: number;
  steps: Step[];
};

/** Shares of shoppers who go on from one stage to the next; the rest leave. */
const goOn = { toCategory: 0.95, toProduct: 0.95, toCart: 0.66, toCheckout: 0.76 };

/** Shares of those who do what not everybody does. */
const habits = { search: 0.35, scrollDown: 0.5, secondThing: 0.3, signIn: 0.4, review: 0.08 };

/** So many people have an account, or will. */
const accounts = 2_000;

/** What people type, mistakes included. */
const queries = ['merino jumper', 'linen shirt', 'leather boots', 'midi dress', 'black jeans', 'cashmre', 'wool coat'];

/** What goes with what: half of those who take a second thing follow it, which is what there is to be learnt. */
const goesWith: Readonly<Record<Category, Category>> = {
  dresses: 'shoes',
  knitwear: 'trousers',
  shirts: 'tailoring',
  tops: 'denim',
  trousers: 'shirts',
  denim: 'tops',
  skirts: 'knitwear',
  outerwear: 'accessories',
  tailoring: 'shirts',
  sportswear: 'shoes',
  shoes: 'bags',
  bags: 'accessories',
  accessories: 'outerwear',
};

/** What the flash sale is in. */
const saleCategory: Category = 'outerwear';

/**
 * Draws one shopper's visit. In a flash sale most come for the same few things.
 * @param core without what only the whole shop has: search, reviews, accounts and what is bought together
 */
export function planSession(
  random: () => number,
  { flashSale, core = false }: { flashSale: boolean; core?: boolean },
): SessionPlan {
  const device = random() < 0.6 ? 'phone' : 'desktop';
  const channel =
    device === 'phone'
      ? pickWeighted(random, [
          ['app', 45],
          ['web', 35],
          ['social', 20],
        ] as const)
      : pickWeighted(random, [
          ['web', 80],
          ['email', 20],
        ] as const);
  const patience = pickWeighted(random, [
    [0, 30],
    [1, 40],
    [2, 30],
  ] as const);
  const steps: Step[] = [];
  const add = (step: Step): void => void steps.push(step);
  const thinkMs = (): number => think(random);
  add({ kind: 'list', category: null, offset: 0, thinkMs: 0 });
  if (random() < goOn.toCategory) {
    const forSale = flashSale && random() < 0.6;
    const category = forSale ? saleCategory : (categories[Math.floor(random() * categories.length)] ?? saleCategory);
    if (!forSale && !core && random() < habits.search) {
      const query = queries[Math.floor(random() * queries.length)] ?? '';
      add({ kind: 'search', query, thinkMs: thinkMs() });
    } else {
      add({ kind: 'list', category, offset: random() < 0.8 ? 0 : 24, thinkMs: thinkMs() });
    }
    if (random() < goOn.toProduct) planProducts(random, add, { forSale, category });
  }
  return { device, channel, patience, steps: core ? steps.filter(isCore) : steps };
}

function isCore(step: Step): boolean {
  return !['search', 'reviews', 'alsoBought', 'signIn', 'review'].includes(step.kind);
}

function planProducts(
  random: () => number,
  add: (step: Step) => void,
  { forSale, category }: { forSale: boolean; category: Category },
): void {
  const thinkMs = (): number => think(random);
  const views = pickWeighted(random, [
    [1, 50],
    [2, 30],
    [3, 20],
  ] as const);
  for (let view = 0; view < views; view += 1) {
    // What is on top is looked at most.
    const pick = random() ** (forSale ? 3 : 1.5);
    planView(random, add, pick);
  }
  if (random() >= goOn.toCart) return;
  add({
    kind: 'add',
    quantity: pickWeighted(random, [
      [1, 85],
      [2, 15],
    ] as const),
    thinkMs: thinkMs(),
  });
  if (random() < habits.secondThing) planSecondThing(random, add, category);
  add({ kind: 'cart', thinkMs: 200 + 500 * random() });
  if (random() >= goOn.toCheckout) return;
  if (random() < habits.signIn) {
    add({ kind: 'signIn', account: Math.floor(random() * accounts), thinkMs: thinkMs() });
  }
  const answersBank = pickWeighted(random, [
    ['approve', 88],
    ['refuse', 4],
    [null, 8],
  ] as const);
  add({ kind: 'checkout', answersBank, thinkMs: thinkMs() });
  if (random() < habits.review) {
    // Most are pleased.
    add({ kind: 'review', rating: 1 + Math.floor(5 * random() ** 0.4), thinkMs: thinkMs() });
  }
}

/** A product page: the product, what is left of it, and for those who scroll down what is below. */
function planView(random: () => number, add: (step: Step) => void, pick: number): void {
  add({ kind: 'view', pick, thinkMs: think(random) });
  add({ kind: 'stock', pick: random(), thinkMs: 100 + 300 * random() });
  if (random() < habits.scrollDown) add({ kind: 'reviews', thinkMs: 300 * random() });
  if (random() < habits.scrollDown) add({ kind: 'alsoBought', thinkMs: 300 * random() });
}

function planSecondThing(random: () => number, add: (step: Step) => void, category: Category): void {
  const other =
    random() < 0.5 ? goesWith[category] : (categories[Math.floor(random() * categories.length)] ?? category);
  add({ kind: 'list', category: other, offset: 0, thinkMs: think(random) });
  planView(random, add, random() ** 1.5);
  add({ kind: 'add', quantity: 1, thinkMs: think(random) });
}

/** Half a second to six, 1.5 s in the median, with a tail: log-normal. */
function think(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(6_000, Math.max(500, 1_500 * Math.exp(0.6 * normal)));
}

/** Requests and checkouts of an average visit: what turns a rate of requests into a rate of visits. */
export function averageSession(options: { core?: boolean } = {}): { requests: number; checkouts: number } {
  const visits = 4_000;
  const random = createRandom(1);
  let requests = 0;
  let checkouts = 0;
  for (let visit = 0; visit < visits; visit += 1) {
    const { steps } = planSession(random, { ...options, flashSale: false });
    // And one to begin the session.
    requests += steps.length + 1;
    checkouts += steps.some(({ kind }) => kind === 'checkout') ? 1 : 0;
  }
  return { requests: requests / visits, checkouts: checkouts / visits };
}
