import { describe, expect, test } from 'vitest';
import type { AlertRecord } from './alert.ts';
import type { Cause } from './cause.ts';
import { acknowledgeFault, calmMs, type FaultRecord, gatherAlert, isOver } from './fault.ts';

const nowMs = 1_000_000;

const alert: AlertRecord = {
  id: 'a',
  sloId: 'gateway/availability',
  service: 'gateway',
  faultId: null,
  state: 'firing',
  explanation: '',
  onsetMs: nowMs - 9_000,
  firstBadStoredMs: nowMs - 8_000,
  firstEvaluatedMs: nowMs - 8_000,
  pendingMs: nowMs - 4_000,
  firingMs: nowMs,
  resolvedMs: null,
  good: 0,
  bad: 9,
};

function fault(service: string, firingMs: number, chain: string[] = [service]): FaultRecord {
  const evidence = { symptom: 'errors' as const, votes: 9, traces: 9, chain, traceIds: [], revised: null };
  return {
    id: service,
    state: 'firing',
    service,
    sloId: `${service}/availability`,
    summary: '',
    impact: { affected: [], entry: null, badShare: 1, badEvents: 9, events: 9 },
    evidence,
    onsetMs: firingMs,
    firstBadMs: firingMs,
    storedMs: firingMs,
    evaluatedMs: firingMs,
    pendingMs: firingMs,
    firingMs,
    acknowledgedMs: null,
    acknowledgedBy: null,
    resolvedMs: null,
    resolvedBy: null,
    resolveReason: null,
  };
}

function cause(service: string, chain: string[], votes = 9): Cause {
  return { service, symptom: 'errors', votes, traces: votes, chain, entry: null, traceIds: [] };
}

const checkout = { service: 'gateway', route: '/api/checkout', name: 'POST /api/checkout' };
const products = { service: 'gateway', route: '/api/products', name: 'GET /api/products' };

function entering(entry: typeof checkout, open: FaultRecord): FaultRecord {
  return { ...open, impact: { ...open.impact, entry } };
}

const throughOrders = ['gateway', 'orders', 'payments'];

describe('an alert that fires', () => {
  test.each<[string, Cause, FaultRecord[], ReturnType<typeof gatherAlert>]>([
    ['alone opens a fault', cause('payments', throughOrders), [], { kind: 'open' }],
    [
      'with the cause of an open fault joins it, however old',
      cause('payments', throughOrders),
      [fault('catalog', nowMs - 5_000), fault('payments', nowMs - 900_000)],
      { kind: 'join', faultId: 'payments', revise: false },
    ],
    [
      'whose traces lead below the cause of a young fault corrects it',
      cause('payments', throughOrders),
      [fault('orders', nowMs - 3_000)],
      { kind: 'join', faultId: 'orders', revise: true },
    ],
    [
      'whose traces lead below the cause of an old fault is another',
      cause('payments', throughOrders),
      [fault('orders', nowMs - 300_000)],
      { kind: 'open' },
    ],
    [
      'whose traces lead elsewhere is another fault, however close',
      cause('payments', throughOrders),
      [fault('catalog', nowMs - 1_000)],
      { kind: 'open' },
    ],
    [
      'whose traces end above the cause of a fault that began with it, from the same entry, belongs to it',
      { ...cause('orders', ['gateway', 'orders']), entry: checkout },
      [entering(checkout, fault('payments', nowMs - 15_000, throughOrders))],
      { kind: 'join', faultId: 'payments', revise: false },
    ],
    [
      'whose traces end above the cause of a fault, from another entry, is another',
      { ...cause('gateway', ['gateway']), entry: products },
      [entering(checkout, fault('payments', nowMs - 15_000, throughOrders))],
      { kind: 'open' },
    ],
    [
      'whose traces end above the cause of a fault that began long before is another',
      { ...cause('orders', ['gateway', 'orders']), entry: checkout },
      [entering(checkout, fault('payments', nowMs - 300_000, throughOrders))],
      { kind: 'open' },
    ],
    [
      'without traces joins the fault that runs through its service',
      cause('gateway', ['gateway'], 0),
      [fault('payments', nowMs - 300_000, throughOrders)],
      { kind: 'join', faultId: 'payments', revise: false },
    ],
    [
      'without traces and unrelated to an old fault opens its own',
      cause('search', ['search'], 0),
      [fault('payments', nowMs - 300_000, ['orders', 'payments'])],
      { kind: 'open' },
    ],
  ])('%s', (_, likely, openFaults, expected) => {
    expect(gatherAlert({ alert, cause: likely, openFaults, nowMs })).toEqual(expected);
  });
});

describe('a fault is over', () => {
  const resolved = (agoMs: number): AlertRecord => ({ ...alert, state: 'resolved', resolvedMs: nowMs - agoMs });

  test.each<[string, AlertRecord[], boolean]>([
    ['when all its alerts have been for a while', [resolved(calmMs), resolved(calmMs + 5_000)], true],
    ['not while one has just ended', [resolved(calmMs - 1), resolved(60_000)], false],
    ['not while one is firing', [resolved(60_000), alert], false],
    ['not before it has any', [], false],
  ])('%s', (_, alerts, expected) => {
    expect(isOver(alerts, nowMs)).toBe(expected);
  });
});

test('only a firing fault can be acknowledged, once', () => {
  const first = acknowledgeFault(fault('payments', nowMs), 'ada', nowMs);
  expect(first).toMatchObject({
    ok: true,
    fault: { state: 'acknowledged', acknowledgedBy: 'ada', acknowledgedMs: nowMs },
  });
  if (!first.ok) return;
  expect(acknowledgeFault(first.fault, 'bob', nowMs)).toEqual({ ok: false, reason: 'already acknowledged by ada' });
  expect(acknowledgeFault({ ...first.fault, state: 'resolved' }, 'bob', nowMs)).toMatchObject({ ok: false });
});
