import type { AlertRecord } from './alert.ts';
import type { Cause } from './cause.ts';

export type FaultState = 'firing' | 'acknowledged' | 'resolved';

/** What broke: the alerts that belong together, one page for all of them. Times in ms since the epoch. */
export type FaultRecord = {
  id: string;
  state: FaultState;
  /** the likely cause: the deepest failing service */
  service: string;
  /** the alert that opened it */
  sloId: string;
  summary: string;
  impact: Impact;
  evidence: Evidence;
  onsetMs: number;
  firstBadMs: number;
  storedMs: number;
  evaluatedMs: number;
  pendingMs: number;
  firingMs: number;
  acknowledgedMs: number | null;
  acknowledgedBy: string | null;
  resolvedMs: number | null;
  resolvedBy: string | null;
  resolveReason: string | null;
};

/** What customers suffer: the SLOs hit, and the share of what they tried that failed. */
export type Impact = {
  affected: string[];
  entry: { service: string; route: string; name: string } | null;
  badShare: number;
  badEvents: number;
  events: number;
};

/** Why this service is named. */
export type Evidence = {
  symptom: Cause['symptom'];
  votes: number;
  traces: number;
  chain: string[];
  traceIds: string[];
  revised: string | null;
};

/** A fault that is calm for so long has ended; an SLO that fires again before belongs to it, without another page. */
export const calmMs = 20_000;

/** Deeper spans may arrive after the first page: for so long a deeper cause on the same path corrects the fault. */
const revisableMs = 30_000;

/** Two alerts without a trace to tell them apart are one fault when they come this close together. */
const togetherMs = 60_000;

export type Gathering =
  | { kind: 'join'; faultId: string; revise: boolean }
  /** nothing open belongs to it: a fault, and a page, of its own */
  | { kind: 'open' };

/**
 * Which open fault an alert that fires belongs to.
 *
 * 1. The one with the same cause: an outage that trips five SLOs is one fault.
 * 2. One whose cause lies on this alert's failing path, when it is young: the spans below had not arrived.
 * 3. One that began with it and whose failing path to the same entry runs through this alert's culprit: of some traces
 *    the spans below are missing.
 * 4. Without evidence: the one whose failing paths run through the alerting service, or that has just begun.
 *
 * Traces that name another culprit make it another fault, however close: it gets its own page.
 */
export function gatherAlert({
  alert,
  cause,
  openFaults,
  nowMs,
}: {
  alert: AlertRecord;
  cause: Cause;
  openFaults: FaultRecord[];
  nowMs: number;
}): Gathering {
  const same = openFaults.find(({ service }) => service === cause.service);
  if (same !== undefined) return { kind: 'join', faultId: same.id, revise: false };
  if (cause.votes === 0) {
    const related = openFaults.find(
      ({ evidence, firingMs }) => evidence.chain.includes(alert.service) || nowMs - firingMs < togetherMs,
    );
    return related === undefined ? { kind: 'open' } : { kind: 'join', faultId: related.id, revise: false };
  }
  const shallower = openFaults.find(
    ({ service, firingMs }) => nowMs - firingMs < revisableMs && cause.chain.includes(service),
  );
  if (shallower !== undefined) return { kind: 'join', faultId: shallower.id, revise: true };
  const deeper = openFaults.find(
    ({ evidence, impact, onsetMs }) =>
      evidence.chain.includes(cause.service) &&
      isSameEntry(impact.entry, cause.entry) &&
      Math.abs(onsetMs - alert.onsetMs) < revisableMs,
  );
  return deeper === undefined ? { kind: 'open' } : { kind: 'join', faultId: deeper.id, revise: false };
}

function isSameEntry(one: Cause['entry'], other: Cause['entry']): boolean {
  return one !== null && other !== null && one.service === other.service && one.route === other.route;
}

/** Whether a fault has ended: each of its alerts has, and the last one `calmMs` ago. */
export function isOver(alerts: AlertRecord[], nowMs: number): boolean {
  if (alerts.length === 0) return false;
  return alerts.every(
    ({ state, resolvedMs }) => state === 'resolved' && resolvedMs !== null && nowMs - resolvedMs >= calmMs,
  );
}

/** Acknowledge: only a firing fault can be; the answer says why not. */
export function acknowledgeFault(
  fault: FaultRecord,
  author: string,
  nowMs: number,
): { ok: true; fault: FaultRecord } | { ok: false; reason: string } {
  if (fault.state === 'resolved') return { ok: false, reason: 'the fault is already resolved' };
  if (fault.state === 'acknowledged') {
    return { ok: false, reason: `already acknowledged by ${fault.acknowledgedBy ?? 'somebody'}` };
  }
  return { ok: true, fault: { ...fault, state: 'acknowledged', acknowledgedMs: nowMs, acknowledgedBy: author } };
}

/** Ends a fault, by itself (`author` null) or by a person with a reason. */
export function resolveFault(
  fault: FaultRecord,
  { author, reason, nowMs }: { author: string | null; reason: string; nowMs: number },
): FaultRecord {
  return { ...fault, state: 'resolved', resolvedMs: nowMs, resolvedBy: author, resolveReason: reason };
}
