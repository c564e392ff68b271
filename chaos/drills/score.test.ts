import { describe, expect, it } from 'vitest';
import { findRefusal, type SeenPage, type Situation, scorePageDrill, scoreQuietDrill } from './score.ts';

const injectedAt = 1_000_000;
const expected = { service: 'payments', slos: ['payments/availability'], limitSeconds: 60, injectedAt };

function page(afterSeconds: number, change: Partial<SeenPage> = {}): SeenPage {
  return {
    faultId: `fault-${afterSeconds}`,
    service: 'payments',
    slo: 'payments/availability',
    summary: 'Payments fail.',
    acceptedAt: injectedAt + afterSeconds * 1000,
    ...change,
  };
}

describe('the verdict on a fault that must page', () => {
  const table: { title: string; pages: SeenPage[]; verdict: string; seconds: number | null }[] = [
    { title: 'no page at all', pages: [], verdict: 'missed', seconds: null },
    { title: 'the right page in time', pages: [page(12.5)], verdict: 'hit', seconds: 12.5 },
    { title: 'the right page at the limit', pages: [page(60)], verdict: 'hit', seconds: 60 },
    { title: 'the right page just after the limit', pages: [page(60.001)], verdict: 'late', seconds: 60.001 },
    {
      title: 'a page for another service',
      pages: [page(5, { service: 'orders' })],
      verdict: 'wrong service',
      seconds: 5,
    },
    {
      title: 'a page by an SLO that the fault cannot break',
      pages: [page(5, { slo: 'payments/latency' })],
      verdict: 'wrong service',
      seconds: 5,
    },
    {
      title: 'the right page after a wrong one: the first wakes somebody',
      pages: [page(9), page(4, { service: 'cart' })],
      verdict: 'wrong service',
      seconds: 4,
    },
    {
      title: 'a wrong page after the right one',
      pages: [page(9, { service: 'cart' }), page(4)],
      verdict: 'hit',
      seconds: 4,
    },
    { title: 'late and wrong is wrong', pages: [page(90, { service: 'cart' })], verdict: 'wrong service', seconds: 90 },
  ];
  for (const { title, pages, verdict, seconds } of table) {
    it(`${title}: ${verdict}`, () => {
      expect(scorePageDrill(expected, pages)).toMatchObject({ verdict, detectionSeconds: seconds });
    });
  }
});

describe('the verdict on quiet', () => {
  it('is silent without a page', () => expect(scoreQuietDrill([])).toMatchObject({ verdict: 'silent', page: null }));
  it('is noisy with one for any service', () => {
    expect(scoreQuietDrill([page(5, { service: 'somebody-elses' })])).toMatchObject({ verdict: 'noisy' });
  });
});

describe('a drill that would prove nothing is refused', () => {
  const calm: Situation = { globalStop: null, running: null, injections: [], openFaults: [], firingSlos: [] };
  const table: [string, Partial<Situation>, string | null][] = [
    ['nothing is wrong', {}, null],
    ['the global stop is pulled', { globalStop: { pulledBy: 'ada' } }, 'the global stop is pulled by ada'],
    ['another drill runs', { running: 'quiet' }, 'drill quiet is still running'],
    ['somebody has injected a fault', { injections: ['cart-kill'] }, 'another fault is injected: cart-kill'],
    [
      'a related fault is open',
      { openFaults: [{ number: 3, service: 'orders' }] },
      'fault 3 (orders) is not resolved yet',
    ],
    [
      'a related SLO fires',
      { firingSlos: [{ id: 'orders/latency', service: 'orders' }] },
      'orders/latency is already firing',
    ],
    ['only a stranger is in trouble', { openFaults: [{ number: 4, service: 'stranger' }] }, null],
  ];
  for (const [title, change, reason] of table) {
    it(`${title}: ${reason ?? 'may run'}`, () => {
      expect(findRefusal({ ...calm, ...change }, (service) => service !== 'stranger')).toBe(reason);
    });
  }
});
