import { expect, it } from 'vitest';
import type { FaultRow } from '#app/_server/faults.ts';
import type { SloRow } from '#app/_server/slo-row.ts';
import { writeHeadline } from './_headline.ts';

const nowMs = 1_800_000_000_000;

function slo(change: Partial<SloRow>): SloRow {
  return {
    id: 'orders/availability',
    service: 'orders',
    displayName: 'Orders answer',
    sli: 'availability',
    source: 'spans',
    objective: 0.995,
    windowDays: 28,
    automatic: false,
    definition: {},
    owner: null,
    runbook: null,
    status: 'ok',
    good: 100,
    bad: 0,
    lastEventAtMs: nowMs - 1_000,
    updatedAtMs: nowMs - 1_000,
    ...change,
  };
}

function fault(change: Partial<FaultRow>): FaultRow {
  return {
    id: 'f',
    number: 1,
    state: 'firing',
    service: 'payments',
    sloId: 'orders/availability',
    summary: 'Four in five checkouts fail.',
    onsetAtMs: nowMs - 60_000,
    firingAtMs: nowMs - 50_000,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
    resolvedAtMs: null,
    resolvedBy: null,
    resolveReason: null,
    ...change,
  };
}

it.each([
  ['all objectives met', [], [slo({})], 'ok'],
  ['a fault is firing, whatever the objectives say', [fault({})], [slo({})], 'hurt'],
  ['a fault is firing though detection stopped', [fault({})], [slo({ updatedAtMs: nowMs - 90_000 })], 'hurt'],
  ['acknowledged is still hurting', [fault({ state: 'acknowledged', acknowledgedBy: 'maria' })], [slo({})], 'handled'],
  ['a suspicion', [], [slo({ status: 'pending' })], 'risk'],
  ['nothing measured', [], [], 'unknown'],
  ['detection stopped', [], [slo({ updatedAtMs: nowMs - 31_000 })], 'unknown'],
  ['no traffic', [], [slo({ lastEventAtMs: nowMs - 121_000 })], 'unknown'],
  ['never any traffic', [], [slo({ lastEventAtMs: null })], 'unknown'],
] as const)('%s', (_name, open, slos, tone) => {
  expect(writeHeadline(open, slos, nowMs).tone).toBe(tone);
});

it('an unacknowledged fault comes before one that somebody is on', () => {
  const headline = writeHeadline([fault({ id: 'old', state: 'acknowledged' }), fault({ id: 'new' })], [slo({})], nowMs);
  expect(headline.fault?.id).toBe('new');
  expect(headline.detail).toContain('1 other fault is open');
});
