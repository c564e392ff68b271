import { expect, test } from 'vitest';
import { createRetryBudget } from './retry-budget.ts';

function spend(budget: ReturnType<typeof createRetryBudget>, calls: number): number {
  let retries = 0;
  for (let call = 0; call < calls; call += 1) {
    budget.deposit();
    if (budget.withdraw()) retries += 1;
  }
  return retries;
}

test('when every call fails, a fifth of them is made again, and what a quiet client saved up', () => {
  const budget = createRetryBudget({ now: () => 0 });
  const retries = spend(budget, 1_000);
  expect(retries).toBeGreaterThanOrEqual(200);
  expect(retries).toBeLessThanOrEqual(210);
});

test('a client with few calls may always make some of them again', () => {
  let nowMs = 0;
  const budget = createRetryBudget({ now: () => nowMs });
  spend(budget, 1_000);
  expect(budget.withdraw()).toBe(false);
  nowMs += 1_000;
  expect(budget.withdraw()).toBe(true);
  expect(budget.withdraw()).toBe(false);
});

test('hours of calls that went well do not pay for a storm of retries', () => {
  let nowMs = 0;
  const budget = createRetryBudget({ now: () => nowMs });
  for (let call = 0; call < 100_000; call += 1) budget.deposit();
  nowMs += 3_600_000;
  let retries = 0;
  while (budget.withdraw()) retries += 1;
  expect(retries).toBeLessThanOrEqual(30);
});
