import { z } from 'zod';

/** What a stage of the checks came to. `failures` are names, for the summary at the end. */
export type Tally = {
  passed: number;
  failed: number;
  failures: string[];
  /** Why nothing of the stage was run. */
  notRun?: string;
};

const vitestSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

/**
 * Counts a Vitest JSON report. A test that was skipped counts as failed: what did not run has not passed. A file that
 * could not be loaded counts as one failure.
 */
export function tallyVitest(report: unknown): Tally {
  const { testResults, ...numbers } = vitestSchema.parse(report);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failing = tests.filter(({ status }) => status !== 'passed');
  const unloaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: numbers.numPassedTests,
    failed: numbers.numFailedTests + numbers.numPendingTests + numbers.numTodoTests + unloaded.length,
    failures: [
      ...failing.map(({ status, fullName }) => (status === 'failed' ? fullName : `${fullName} (${status})`)),
      ...unloaded.map(({ name }) => `${name} did not load`),
    ],
  };
}

const playwrightSchema = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.object({ message: z.string().optional() })).default([]),
});

/** Counts a Playwright JSON report. Only what passed at the first attempt has passed; an error outside a test is a failure. */
export function tallyPlaywright(report: unknown): Tally {
  const { stats, errors } = playwrightSchema.parse(report);
  const failures = [
    ...(stats.unexpected > 0 ? [`${stats.unexpected} end-to-end test(s) failed`] : []),
    ...(stats.flaky > 0 ? [`${stats.flaky} end-to-end test(s) passed only when repeated`] : []),
    ...(stats.skipped > 0 ? [`${stats.skipped} end-to-end test(s) did not run`] : []),
    ...errors.map(({ message }) => message?.split('\n')[0] ?? 'an error outside the tests'),
  ];
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + stats.skipped + errors.length,
    failures,
  };
}
