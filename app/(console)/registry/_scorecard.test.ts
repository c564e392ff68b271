import { expect, test } from 'vitest';
import { createEmptyRecord } from '#app/_catalog/service-record.ts';
import { type Facts, scoreService } from './_scorecard.ts';

const nothing: Facts = {
  declaredSlos: 0,
  automaticSlos: 0,
  provenDrill: null,
  drill: null,
  lastSpanMs: null,
  api: null,
};

test('of a service that nobody described everything is missing, each with what to do', () => {
  const checks = scoreService(createEmptyRecord('stranger'), nothing);
  expect(checks.map(({ key, done }) => [key, done])).toEqual(
    ['owner', 'onCall', 'tier', 'runbook', 'slo', 'api', 'examples', 'alerts', 'telemetry'].map((key) => [key, false]),
  );
  for (const { text } of checks) expect(text).toMatch(/^[A-Z].+\.$/);
});

test('what is there says what it is, and when it was last seen', () => {
  const record = {
    ...createEmptyRecord('cart'),
    owner: 'Checkout',
    onCall: [
      { kind: 'person' as const, name: 'Maria' },
      { kind: 'pager' as const, name: 'PagerDuty' },
    ],
    tier: '1',
    runbook: { kind: 'text' as const, text: '# Cart' },
  };
  const facts: Facts = {
    declaredSlos: 2,
    automaticSlos: 0,
    provenDrill: { name: 'cart-errors', atMs: 5 },
    drill: 'cart-errors',
    lastSpanMs: 7,
    api: { operations: 4, withExample: 4 },
  };
  const checks = scoreService(record, facts);
  expect(checks.every(({ done }) => done)).toBe(true);
  expect(checks.map(({ text }) => text).slice(0, 3)).toEqual(['Checkout', 'Maria, PagerDuty', '1']);
  expect(checks.flatMap(({ key, atMs }) => (atMs === null ? [] : [[key, atMs]]))).toEqual([
    ['alerts', 5],
    ['telemetry', 7],
  ]);
});

test('an automatic objective is none that anybody promised, and half of the examples are not all', () => {
  const facts = { ...nothing, automaticSlos: 1, drill: 'cart-errors', api: { operations: 4, withExample: 1 } };
  const text = Object.fromEntries(scoreService(createEmptyRecord('cart'), facts).map((check) => [check.key, check]));
  expect(text.slo).toMatchObject({ done: false, text: expect.stringContaining('Only an automatic one') });
  expect(text.examples).toMatchObject({ done: false, text: expect.stringContaining('3 of 4 operations') });
  expect(text.alerts).toMatchObject({ done: false, text: expect.stringContaining('npx bellwether drill cart-errors') });
});
