import { expect, test } from 'vitest';
import { tallyPlaywright, tallyVitest } from './tally.ts';

function vitestReport(statuses: string[], unloadedFiles = 0): unknown {
  const count = (status: string): number => statuses.filter((one) => one === status).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    numTodoTests: count('todo'),
    testResults: [
      {
        name: 'a.test.ts',
        status: 'passed',
        assertionResults: statuses.map((status) => ({ status, fullName: `is ${status}` })),
      },
      ...Array.from({ length: unloadedFiles }, () => ({ name: 'b.test.ts', status: 'failed', assertionResults: [] })),
    ],
  };
}

test('a skipped test and a file that did not load are failures, by name', () => {
  expect(tallyVitest(vitestReport(['passed', 'failed', 'skipped', 'todo'], 1))).toEqual({
    passed: 1,
    failed: 4,
    failures: ['is failed', 'is skipped (skipped)', 'is todo (todo)', 'b.test.ts did not load'],
  });
});

test('all that passed is counted', () => {
  expect(tallyVitest(vitestReport(['passed', 'passed']))).toEqual({ passed: 2, failed: 0, failures: [] });
});

test('in a browser only what passed at the first attempt has passed', () => {
  const stats = { expected: 5, unexpected: 1, flaky: 2, skipped: 3 };
  expect(tallyPlaywright({ stats, errors: [] })).toMatchObject({ passed: 5, failed: 6 });
});

test('an error before the first test in the browser is a failure', () => {
  const stats = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
  expect(tallyPlaywright({ stats, errors: [{ message: 'Error: no server\n at x' }] })).toEqual({
    passed: 0,
    failed: 1,
    failures: ['Error: no server'],
  });
});
