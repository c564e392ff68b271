import type { Signal } from '../detectors/ratio.ts';

export type AlertState = 'pending' | 'firing' | 'resolved' | 'dropped';

/** One SLO's excursion; times in ms since the epoch. */
export type AlertRecord = {
  id: string;
  sloId: string;
  service: string;
  faultId: string | null;
  state: AlertState;
  explanation: string;
  onsetMs: number;
  firstBadStoredMs: number;
  firstEvaluatedMs: number;
  pendingMs: number;
  firingMs: number | null;
  resolvedMs: number | null;
  good: number;
  bad: number;
};

export type Transition = { alertId: string; from: 'none' | AlertState; to: AlertState; reason: string; atMs: number };

/** What can happen to an alert: its detector's signals, a person, or its SLO going away. */
export type AlertEvent = Exclude<Signal, 'none'> | 'resolved by a person' | 'withdrawn';

/**
 * The whole state machine: where an event leads from each state, in steps, so that every alert that fires was pending
 * before. An event that is not listed changes nothing.
 */
const table: Record<'none' | AlertState, Partial<Record<AlertEvent, AlertState[]>>> = {
  none: { suspicious: ['pending'], alarm: ['pending', 'firing'] },
  pending: { alarm: ['firing'], dropped: ['dropped'], withdrawn: ['dropped'] },
  firing: { recovered: ['resolved'], 'resolved by a person': ['resolved'], withdrawn: ['resolved'] },
  resolved: {},
  dropped: {},
};

/** The states that an event leads through, in order; empty when it changes nothing. */
export function nextStates(from: 'none' | AlertState, event: AlertEvent): AlertState[] {
  return table[from][event] ?? [];
}

/**
 * Applies an event to an alert.
 * @param fresh the alert as it would begin, for events that open one
 * @returns the alert and the transitions to log, oldest first; null when nothing changed
 */
export function applyEvent({
  alert,
  fresh,
  event,
  reason,
  nowMs,
}: {
  alert: AlertRecord | null;
  fresh: AlertRecord;
  event: AlertEvent;
  reason: string;
  nowMs: number;
}): { alert: AlertRecord; transitions: Transition[] } | null {
  const begun = alert === null;
  const path = nextStates(alert?.state ?? 'none', event);
  if (path.length === 0) return null;
  let current: AlertRecord = alert ?? fresh;
  let from: 'none' | AlertState = begun ? 'none' : current.state;
  const transitions: Transition[] = [];
  for (const to of path) {
    transitions.push({ alertId: current.id, from, to, reason, atMs: nowMs });
    current = {
      ...current,
      state: to,
      firingMs: to === 'firing' ? nowMs : current.firingMs,
      resolvedMs: to === 'resolved' || to === 'dropped' ? nowMs : current.resolvedMs,
    };
    from = to;
  }
  return { alert: current, transitions };
}

export function isOpen(alert: AlertRecord): boolean {
  return alert.state === 'pending' || alert.state === 'firing';
}
