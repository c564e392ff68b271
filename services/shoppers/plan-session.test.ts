import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crawlRequests, planCrawl } from './plan-crawl.ts';
import { averageSession, planSession, type SessionPlan } from './plan-session.ts';
import { createRandom, exponentialMs, pickWeighted } from './random.ts';

function plans(count: number, options = { flashSale: false }): SessionPlan[] {
  return Array.from({ length: count }, (_, seed) => planSession(createRandom(seed), options));
}

describe('a planned visit', () => {
  it('is the same for the same seed', () => {
    expect(plans(50)).toEqual(plans(50));
  });

  it('is in the order in which a shop can be visited', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.boolean(), (seed, flashSale) => {
        const { steps, patience } = planSession(createRandom(seed), { flashSale });
        const path = steps.map(({ kind }) => kind).join(' ');
        const view = '( view stock( reviews)?( alsoBought)?)';
        const till = '( signIn)?( checkout)( review)?';
        const basket = `( add( list${view} add)? cart(${till})?)`;
        expect(path).toMatch(new RegExp(`^list( (list|search)(${view}{1,3}${basket}?)?)?$`));
        expect(patience).toBeLessThanOrEqual(2);
        for (const { thinkMs } of steps) expect(thinkMs).toBeLessThanOrEqual(6_000);
      }),
    );
  });

  it('asks for nothing but what the smaller shop has', () => {
    const kinds = new Set(
      Array.from({ length: 500 }, (_, seed) =>
        planSession(createRandom(seed), { flashSale: false, core: true }),
      ).flatMap(({ steps }) => steps.map(({ kind }) => kind)),
    );
    expect([...kinds].sort()).toEqual(['add', 'cart', 'checkout', 'list', 'stock', 'view']);
  });

  it('is on a phone six times out of ten', () => {
    const phones = plans(5_000).filter(({ device }) => device === 'phone').length;
    expect(phones / 5_000).toBeGreaterThan(0.57);
    expect(phones / 5_000).toBeLessThan(0.63);
  });

  it('ends at every stage for some', () => {
    const ends = new Set(plans(500).map(({ steps }) => steps.at(-1)?.kind));
    const stages = ['alsoBought', 'cart', 'checkout', 'list', 'review', 'reviews', 'search', 'stock'];
    expect([...ends].sort()).toEqual(stages);
  });

  it('has most answer their bank, and a few leave', () => {
    const answers = plans(20_000).flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'checkout' ? [step.answersBank] : [])),
    );
    const share = (answer: string | null): number => answers.filter((one) => one === answer).length / answers.length;
    expect(share('approve')).toBeGreaterThan(0.8);
    expect(share(null)).toBeGreaterThan(0.03);
    expect(share(null)).toBeLessThan(0.15);
  });

  it('makes at least 0.8 checkouts a second out of 20 requests', () => {
    const { requests, checkouts } = averageSession();
    expect((20 / requests) * checkouts).toBeGreaterThan(0.8);
    expect((20 / requests) * checkouts).toBeLessThan(1.5);
  });
});

describe('a crawl', () => {
  it('looks at much, buys nothing, and is marked', () => {
    const plan = planCrawl(createRandom(1));
    expect(plan).toMatchObject({ device: 'bot', channel: 'crawler' });
    expect(plan.steps).toHaveLength(crawlRequests);
    expect(new Set(plan.steps.map(({ kind }) => kind))).toEqual(new Set(['list', 'view']));
    expect(planCrawl(createRandom(1))).toEqual(plan);
  });
});

describe('chance', () => {
  it('waits on average as long as the rate says', () => {
    const random = createRandom(3);
    const total = Array.from({ length: 20_000 }, () => exponentialMs(random, 4)).reduce((sum, ms) => sum + ms, 0);
    expect(total / 20_000).toBeGreaterThan(240);
    expect(total / 20_000).toBeLessThan(260);
  });

  it('picks by weight and never what weighs nothing', () => {
    const random = createRandom(5);
    const picks = Array.from({ length: 4_000 }, () =>
      pickWeighted(random, [
        ['a', 3],
        ['b', 1],
        ['c', 0],
      ] as const),
    );
    const share = picks.filter((pick) => pick === 'a').length / 4_000;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
    expect(picks).not.toContain('c');
  });
});
