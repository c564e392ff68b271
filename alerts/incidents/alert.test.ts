import { describe, expect, test } from 'vitest';
import { type AlertEvent, type AlertRecord, type AlertState, applyEvent, nextStates } from './alert.ts';

const events: AlertEvent[] = ['suspicious', 'alarm', 'dropped', 'recovered', 'resolved by a person', 'withdrawn'];

/** The whole machine: state × event → the states it goes through. */
const table: [AlertState | 'none', Record<AlertEvent, AlertState[]>][] = [
  [
    'none',
    {
      suspicious: ['pending'],
      alarm: ['pending', 'firing'],
      dropped: [],
      recovered: [],
      'resolved by a person': [],
      withdrawn: [],
    },
  ],
  [
    'pending',
    {
      suspicious: [],
      alarm: ['firing'],
      dropped: ['dropped'],
      recovered: [],
      'resolved by a person': [],
      withdrawn: ['dropped'],
    },
  ],
  [
    'firing',
    {
      suspicious: [],
      alarm: [],
      dropped: [],
      recovered: ['resolved'],
      'resolved by a person': ['resolved'],
      withdrawn: ['resolved'],
    },
  ],
  ['resolved', { suspicious: [], alarm: [], dropped: [], recovered: [], 'resolved by a person': [], withdrawn: [] }],
  ['dropped', { suspicious: [], alarm: [], dropped: [], recovered: [], 'resolved by a person': [], withdrawn: [] }],
];

describe.each(table)('from %s', (from, expected) => {
  test.each(events)('%s', (event) => {
    expect(nextStates(from, event)).toEqual(expected[event]);
  });
});

const fresh: AlertRecord = {
  id: 'a',
  sloId: 'payments/availability',
  service: 'payments',
  faultId: null,
  state: 'pending',
  explanation: '',
  onsetMs: 1,
  firstBadStoredMs: 2,
  firstEvaluatedMs: 3,
  pendingMs: 4,
  firingMs: null,
  resolvedMs: null,
  good: 0,
  bad: 9,
};

test('an alarm out of nothing logs both steps, in order, with the reason', () => {
  const changed = applyEvent({ alert: null, fresh, event: 'alarm', reason: 'why', nowMs: 5 });
  expect(changed?.transitions).toEqual([
    { alertId: 'a', from: 'none', to: 'pending', reason: 'why', atMs: 5 },
    { alertId: 'a', from: 'pending', to: 'firing', reason: 'why', atMs: 5 },
  ]);
  expect(changed?.alert).toMatchObject({ state: 'firing', firingMs: 5, resolvedMs: null });
});

test('what changes nothing logs nothing', () => {
  const alert = { ...fresh, state: 'resolved' as const };
  expect(applyEvent({ alert, fresh, event: 'recovered', reason: 'why', nowMs: 5 })).toBeNull();
});
