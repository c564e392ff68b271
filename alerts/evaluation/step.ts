import type { Observation } from '../detectors/observation.ts';
import { forgetEvidence, observeRatio, type RatioDetector, type RatioState, type Signal } from '../detectors/ratio.ts';
import { type AlertEvent, type AlertRecord, applyEvent, isOpen, type Transition } from '../incidents/alert.ts';
import { explain } from '../incidents/summary.ts';
import type { SloDefinition } from '../slo/definition.ts';
import { addRecent } from './recent.ts';
import { type Objective, type Room, runtimeOf } from './room.ts';

type Stepped = { room: Room; transitions: Transition[] };

/** Time and identity, as arguments. */
export type Moment = { nowMs: number; newId: () => string };

/** Feeds each SLO's observations to its detector and its alert. Pure: the same input gives the same alerts. */
export function stepObjectives(
  room: Room,
  objectives: Objective[],
  observations: Map<string, Observation[]>,
  moment: Moment,
): Stepped {
  return objectives.reduce<Stepped>(
    (stepped, objective) => {
      const next = stepObjective(stepped.room, objective, observations.get(objective.slo.id) ?? [], moment);
      return { room: next.room, transitions: [...stepped.transitions, ...next.transitions] };
    },
    { room, transitions: [] },
  );
}

function stepObjective(room: Room, objective: Objective, observations: Observation[], moment: Moment): Stepped {
  if (observations.length === 0) return { room, transitions: [] };
  let runtime = runtimeOf(room, objective);
  let alerts = room.alerts;
  const transitions: Transition[] = [];
  for (const observation of observations) {
    const { state, signal } = observeRatio(objective.detector, runtime.detector, observation);
    runtime = {
      ...runtime,
      detector: state,
      recent: addRecent(runtime.recent, observation.atMs, observation.good, observation.bad),
      lastEventMs: observation.good + observation.bad > 0 ? observation.atMs : runtime.lastEventMs,
    };
    if (signal === 'none') continue;
    const event = { event: signal, reason: reasonOf(signal, objective) };
    const changed = applyToSlo({ alerts, objective, detectorState: state, ...event, moment });
    alerts = changed.alerts;
    transitions.push(...changed.transitions);
  }
  const slos = { ...room.slos, [objective.slo.id]: runtime };
  return { room: { ...room, slos, alerts: updateCounts(alerts, objective, runtime.detector) }, transitions };
}

function applyToSlo({
  alerts,
  objective,
  detectorState,
  event,
  reason,
  moment,
}: {
  alerts: AlertRecord[];
  objective: Objective;
  detectorState: RatioState;
  event: AlertEvent;
  reason: string;
  moment: Moment;
}): { alerts: AlertRecord[]; transitions: Transition[] } {
  const open = alerts.find((alert) => alert.sloId === objective.slo.id && isOpen(alert)) ?? null;
  const fresh = withFigures(beginAlert(objective.slo, moment), objective, detectorState);
  const changed = applyEvent({
    alert: open === null ? null : withFigures(open, objective, detectorState),
    fresh,
    event,
    reason,
    nowMs: moment.nowMs,
  });
  if (changed === null) return { alerts, transitions: [] };
  return {
    alerts: [...alerts.filter((alert) => alert !== open), changed.alert],
    transitions: changed.transitions,
  };
}

/** The figures of an alert follow its excursion while it lasts. */
function updateCounts(alerts: AlertRecord[], objective: Objective, state: RatioState): AlertRecord[] {
  return alerts.map((alert) =>
    alert.sloId === objective.slo.id && isOpen(alert) ? withFigures(alert, objective, state) : alert,
  );
}

function beginAlert(slo: SloDefinition, { nowMs, newId }: Moment): AlertRecord {
  return {
    id: newId(),
    sloId: slo.id,
    service: slo.service,
    faultId: null,
    state: 'pending',
    explanation: '',
    onsetMs: nowMs,
    firstBadStoredMs: nowMs,
    firstEvaluatedMs: nowMs,
    pendingMs: nowMs,
    firingMs: null,
    resolvedMs: null,
    good: 0,
    bad: 0,
  };
}

function withFigures(alert: AlertRecord, { slo }: Objective, { current }: RatioState): AlertRecord {
  if (current === null) return alert;
  // The onset is what the page said: it is estimated until the alert fires, and stands from then on.
  const onset =
    alert.state === 'pending'
      ? { onsetMs: current.onsetMs, firstBadStoredMs: current.storedMs, firstEvaluatedMs: current.evaluatedMs }
      : {};
  const { good, bad } = current;
  const seconds = (current.lastBadMs - current.onsetMs) / 1_000;
  const next = { ...alert, ...onset, good, bad };
  return alert.state === 'pending'
    ? { ...next, explanation: explain({ good, bad, seconds, objective: slo.objective, slowerThanMs: slowerThan(slo) }) }
    : next;
}

/** The threshold of a latency SLO in ms; null when its bad events are failures. */
export function slowerThan({ indicator }: SloDefinition): number | null {
  return indicator.type === 'spans' && indicator.bad.kind === 'slower' ? indicator.bad.thresholdMs : null;
}

function reasonOf(signal: Exclude<Signal, 'none'>, { detector }: Objective): string {
  const ratio = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
  const reasons: Record<Exclude<Signal, 'none'>, string> = {
    suspicious: `half of the evidence needed that more than ${ratio(detector.nullRatio)} of the events are bad`,
    alarm: `more than ${ratio(detector.nullRatio)} of the events are bad, at the promised rate of false alarms`,
    dropped: 'the evidence went away before it was enough',
    recovered: `fewer than ${ratio(detector.nullRatio / 2)} of the events are bad`,
  };
  return reasons[signal];
}

/**
 * Ends the alerts of SLOs that are no longer in force or were redefined: nothing would ever resolve them.
 */
export function withdrawObjectives(room: Room, objectives: Objective[], nowMs: number): Stepped {
  const inForce = new Map(objectives.map((objective) => [objective.slo.id, objective.definitionKey]));
  const stale = room.alerts.filter(
    (alert) => isOpen(alert) && inForce.get(alert.sloId) !== room.slos[alert.sloId]?.definitionKey,
  );
  return endAlerts(room, stale, { event: 'withdrawn', reason: 'the SLO was removed or redefined', nowMs });
}

/** A person says that it is over: the alerts end and their detectors start from nothing. */
export function resolveAlerts(
  room: Room,
  detectors: Map<string, RatioDetector>,
  { faultId, reason, nowMs }: { faultId: string; reason: string; nowMs: number },
): Stepped {
  const firing = room.alerts.filter((alert) => alert.faultId === faultId && isOpen(alert));
  const ended = endAlerts(room, firing, { event: 'resolved by a person', reason, nowMs });
  const slos = { ...ended.room.slos };
  for (const { sloId } of firing) {
    const runtime = slos[sloId];
    const detector = detectors.get(sloId);
    if (runtime && detector) slos[sloId] = { ...runtime, detector: forgetEvidence(detector, runtime.detector) };
  }
  return { room: { ...ended.room, slos }, transitions: ended.transitions };
}

function endAlerts(
  room: Room,
  ending: AlertRecord[],
  { event, reason, nowMs }: { event: AlertEvent; reason: string; nowMs: number },
): Stepped {
  const transitions: Transition[] = [];
  const alerts = room.alerts.map((alert) => {
    if (!ending.includes(alert)) return alert;
    const changed = applyEvent({ alert, fresh: alert, event, reason, nowMs });
    transitions.push(...(changed?.transitions ?? []));
    return changed?.alert ?? alert;
  });
  return { room: { ...room, alerts }, transitions };
}
