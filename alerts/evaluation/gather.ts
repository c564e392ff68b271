import { type AlertRecord, isOpen } from '../incidents/alert.ts';
import { type Cause, decideCause } from '../incidents/cause.ts';
import { findCulprits } from '../incidents/culprit.ts';
import { type FaultRecord, gatherAlert, type Impact, isOver, resolveFault } from '../incidents/fault.ts';
import { findSlowCulprits } from '../incidents/slow-culprit.ts';
import { type Share, summarise } from '../incidents/summary.ts';
import type { TelemetryQueries } from './queries.ts';
import type { Objective, Room } from './room.ts';
import { type Moment, slowerThan } from './step.ts';

const traceLimit = 200;
/** Traces are looked for from a little before the onset: a hung request began before it was bad. */
const beforeOnsetMs = 10_000;

/** How long an alert that fires waits for a trace that names its cause. */
const patienceMs = 5_000;

export type Verdict = { alertId: string; cause: Cause; share: Share };

/**
 * Looks at the traces of an alert that has just fired: who is the likely cause, and what share of what customers
 * tried fails. A store that cannot answer costs the evidence, never the page.
 */
export async function investigate(
  queries: TelemetryQueries,
  { slo }: Objective,
  alert: AlertRecord,
  nowMs: number,
): Promise<Verdict> {
  const own = { bad: alert.bad, events: alert.good + alert.bad };
  const window = { fromMs: alert.onsetMs - beforeOnsetMs, toMs: nowMs, limit: traceLimit };
  const thresholdMs = slowerThan(slo);
  const { service, indicator } = slo;
  const routes = indicator.type === 'spans' ? indicator.routes : undefined;
  const observed = indicator.type === 'spans' ? indicator.service : service;
  const culprits =
    thresholdMs === null
      ? findCulprits(await queries.readErrorTraces(window), observed)
      : findSlowCulprits(
          await queries.readSlowTraces({ service: observed, routes, thresholdMs, ...window }),
          observed,
          thresholdMs,
        );
  const cause = decideCause(culprits, service);
  return { alertId: alert.id, cause, share: (await measureEntry(queries, cause, alert, nowMs)) ?? own };
}

/**
 * Whether to act on a verdict now. A page that names the wrong service costs more than a few seconds: without a trace
 * (a slow store, spans still on their way) the next ticks ask again, for as long as an alert may wait.
 */
export function isTelling({ cause }: Verdict, { slo }: Objective, alert: AlertRecord, nowMs: number): boolean {
  const waitedMs = nowMs - (alert.firingMs ?? nowMs);
  return cause.votes > 0 || slo.indicator.type !== 'spans' || waitedMs >= patienceMs || !isOpen(alert);
}

/** The verdict when the store could not be asked. */
export function uninvestigated({ slo }: Objective, alert: AlertRecord): Verdict {
  return {
    alertId: alert.id,
    cause: decideCause([], slo.service),
    share: { bad: alert.bad, events: alert.good + alert.bad },
  };
}

async function measureEntry(
  queries: TelemetryQueries,
  { entry, symptom }: Cause,
  alert: AlertRecord,
  nowMs: number,
): Promise<Share | null> {
  // Slowness has no threshold at the entry: the SLO's own share is what can be said.
  if (entry === null || entry.route === '' || symptom === 'slow') return null;
  const rows = await queries.countSpansByBatch({
    slis: [
      { id: 'entry', service: entry.service, routes: [entry.route], bad: { kind: 'error' }, countUnanswered: false },
    ],
    fromArrivedMs: alert.onsetMs,
    toArrivedMs: nowMs,
  });
  const bad = rows.reduce((sum, row) => sum + row.bad, 0);
  const events = rows.reduce((sum, row) => sum + row.good + row.bad, 0);
  return bad > 0 ? { bad, events } : null;
}

/** An alert on its way into a fault. */
type Joining = { alert: AlertRecord; objective: Objective; verdict: Verdict };

export type Gathered = { room: Room; opened: FaultRecord[] };

/** Puts each alert that fires into its fault, opening one (and only then a page) where none fits. Pure. */
export function gatherAlerts(
  room: Room,
  objectives: Map<string, Objective>,
  verdicts: Verdict[],
  moment: Moment,
): Gathered {
  return verdicts.reduce<Gathered>(
    (gathered, verdict) => {
      const alert = gathered.room.alerts.find(({ id }) => id === verdict.alertId);
      const objective = alert && objectives.get(alert.sloId);
      return alert && objective ? gatherOne(gathered, { alert, objective, verdict }, moment) : gathered;
    },
    { room, opened: [] },
  );
}

function gatherOne({ room, opened }: Gathered, { alert, objective, verdict }: Joining, moment: Moment): Gathered {
  const place = gatherAlert({ alert, cause: verdict.cause, openFaults: room.faults, nowMs: moment.nowMs });
  if (place.kind === 'open') {
    const fault = openFault({ alert, objective, verdict }, moment);
    return {
      room: { ...room, faults: [...room.faults, fault], alerts: assign(room.alerts, alert, fault.id) },
      opened: [...opened, fault],
    };
  }
  const faults = room.faults.map((fault) =>
    fault.id === place.faultId ? joinFault(fault, { alert, objective, verdict }, place.revise) : fault,
  );
  return { room: { ...room, faults, alerts: assign(room.alerts, alert, place.faultId) }, opened };
}

function assign(alerts: AlertRecord[], joining: AlertRecord, faultId: string): AlertRecord[] {
  return alerts.map((alert) => (alert.id === joining.id ? { ...alert, faultId } : alert));
}

function openFault({ alert, objective, verdict }: Joining, { nowMs, newId }: Moment): FaultRecord {
  const { cause, share } = verdict;
  const impact: Impact = {
    affected: [alert.sloId],
    entry: cause.entry,
    badShare: share.events > 0 ? share.bad / share.events : 0,
    badEvents: share.bad,
    events: share.events,
  };
  return {
    id: newId(),
    state: 'firing',
    service: cause.service,
    sloId: alert.sloId,
    summary: summariseFor({ alert, objective, verdict }),
    impact,
    evidence: toEvidence(cause, null),
    onsetMs: alert.onsetMs,
    firstBadMs: alert.onsetMs,
    storedMs: alert.firstBadStoredMs,
    evaluatedMs: alert.firstEvaluatedMs,
    pendingMs: alert.pendingMs,
    firingMs: alert.firingMs ?? nowMs,
    acknowledgedMs: null,
    acknowledgedBy: null,
    resolvedMs: null,
    resolvedBy: null,
    resolveReason: null,
  };
}

function joinFault(fault: FaultRecord, joining: Joining, revise: boolean): FaultRecord {
  const { alert, verdict } = joining;
  const joined: FaultRecord = {
    ...fault,
    impact: { ...fault.impact, affected: [...new Set([...fault.impact.affected, alert.sloId])] },
    onsetMs: Math.min(fault.onsetMs, alert.onsetMs),
  };
  if (!revise) return joined;
  const { cause } = verdict;
  const note = `${fault.service} until deeper spans arrived`;
  return { ...joined, service: cause.service, summary: summariseFor(joining), evidence: toEvidence(cause, note) };
}

function summariseFor({ alert, objective, verdict: { cause, share } }: Joining): string {
  return summarise({
    cause,
    share,
    sinceMs: alert.onsetMs,
    alertingService: alert.service,
    slowerThanMs: slowerThan(objective.slo),
  });
}

function toEvidence(cause: Cause, revised: string | null): FaultRecord['evidence'] {
  const { symptom, votes, traces, chain, traceIds } = cause;
  return { symptom, votes, traces, chain, traceIds, revised };
}

/** Ends the faults whose alerts have all been over for a while. */
export function endFaults(room: Room, nowMs: number): { room: Room; ended: FaultRecord[] } {
  const ended = room.faults
    .filter((fault) =>
      isOver(
        room.alerts.filter(({ faultId }) => faultId === fault.id),
        nowMs,
      ),
    )
    .map((fault) => resolveFault(fault, { author: null, reason: 'all its alerts resolved', nowMs }));
  return { room: removeFaults(room, ended), ended };
}

/** A resolved fault leaves the room, its ended alerts with it; so do alerts that ended without a fault. */
export function removeFaults(room: Room, ended: FaultRecord[]): Room {
  const endedIds = new Set(ended.map(({ id }) => id));
  return {
    ...room,
    faults: room.faults.filter(({ id }) => !endedIds.has(id)),
    alerts: room.alerts.filter((alert) => isOpen(alert) || (alert.faultId !== null && !endedIds.has(alert.faultId))),
  };
}
