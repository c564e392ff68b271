import { expect, test } from 'vitest';
import type { Cause } from './cause.ts';
import { explain, summarise } from './summary.ts';

const entry = { service: 'gateway', route: '/api/checkout', name: 'POST /api/checkout' };
const base: Cause = { service: 'payments', symptom: 'errors', votes: 9, traces: 9, chain: [], entry, traceIds: [] };
const sinceMs = Date.UTC(2026, 10, 23, 14, 3, 22);

test.each<[string, Partial<Cause>, { bad: number; events: number }, number | null]>([
  [
    'Checkout fails in 9 of 10 tries since 14:03:22 UTC: payments answers with errors.',
    {},
    { bad: 88, events: 100 },
    null,
  ],
  [
    'Checkout fails in every try since 14:03:22 UTC: orders does not answer in time.',
    { service: 'orders', symptom: 'no answer' },
    { bad: 10, events: 10 },
    null,
  ],
  [
    'Products fail in 4 of 100 tries since 14:03:22 UTC: catalog cannot be reached.',
    { service: 'catalog', symptom: 'unreachable', entry: { ...entry, route: '/api/products/:id' } },
    { bad: 4, events: 100 },
    null,
  ],
  [
    'Stock is slow in 5 of 10 tries (over 300 ms) since 14:03:22 UTC: inventory is slow.',
    { service: 'inventory', symptom: 'slow', entry: { ...entry, route: '/api/stock/{sku}' } },
    { bad: 5, events: 10 },
    300,
  ],
  [
    'payments fails in every try since 14:03:22 UTC: look at payments first (no trace says more).',
    { symptom: 'unknown', entry: null },
    { bad: 10, events: 10 },
    null,
  ],
])('%s', (sentence, cause, share, slowerThanMs) => {
  expect(summarise({ cause: { ...base, ...cause }, share, sinceMs, alertingService: 'payments', slowerThanMs })).toBe(
    sentence,
  );
});

test('an alert explains itself in figures', () => {
  expect(explain({ good: 3, bad: 38, seconds: 6.2, objective: 0.995, slowerThanMs: null })).toBe(
    '38 of 41 failed in 6 s; the objective allows 5 in 1,000',
  );
  expect(explain({ good: 0, bad: 1_200, seconds: 9, objective: 0.95, slowerThanMs: 1_500 })).toBe(
    '1,200 of 1,200 took longer than 1.5 s in 9 s; the objective allows 50 in 1,000',
  );
});
