import type { Counters } from '../detectors/counters.ts';
import { createRatioDetector, initialRatioState, type RatioDetector, type RatioState } from '../detectors/ratio.ts';
import { type AlertRecord, isOpen } from '../incidents/alert.ts';
import type { FaultRecord } from '../incidents/fault.ts';
import type { SloDefinition } from '../slo/definition.ts';
import type { Recent } from './recent.ts';

export type SloStatus = 'unknown' | 'ok' | 'pending' | 'firing';

/** One SLO's detector and what is known of it. */
export type SloRuntime = {
  detector: RatioState;
  recent: Recent;
  lastEventMs: number | null;
  /** events of a metric SLI that were bad before their total was known */
  owed: number;
  /** the definition that the state belongs to: evidence for another objective is worth nothing */
  definitionKey: string;
};

/** Everything that evaluation remembers; what the database holds and nothing more. */
export type Room = {
  /** everything that arrived before has been evaluated; null before the first tick */
  watermarkMs: number | null;
  /** batches evaluated lately, with their arrival: they are read again and skipped */
  seen: Record<string, number>;
  counters: Record<string, Counters>;
  slos: Record<string, SloRuntime>;
  /** pending and firing alerts, and the ended ones of open faults */
  alerts: AlertRecord[];
  /** firing and acknowledged faults */
  faults: FaultRecord[];
};

/** The SLOs in force with their detectors. */
export type Objective = { slo: SloDefinition; detector: RatioDetector; definitionKey: string };

export const emptyRoom: Room = { watermarkMs: null, seen: {}, counters: {}, slos: {}, alerts: [], faults: [] };

/**
 * Detectors for the SLOs in force. The promise is the installation's: split over its SLOs, each may err as many times
 * more rarely as there are SLOs.
 * @param promisedSeconds mean time between false alarms of the whole installation
 */
export function createObjectives(slos: SloDefinition[], promisedSeconds: number): Objective[] {
  return slos.map((slo) => ({
    slo,
    detector: createRatioDetector({
      objective: slo.objective,
      promisedSeconds: promisedSeconds * Math.max(1, slos.length),
    }),
    definitionKey: JSON.stringify([slo.objective, slo.indicator]),
  }));
}

/** An SLO's runtime, or a fresh one when it is new or was redefined. */
export function runtimeOf(room: Room, { slo, detector, definitionKey }: Objective): SloRuntime {
  const known = room.slos[slo.id];
  if (known !== undefined && known.definitionKey === definitionKey) return known;
  return {
    detector: initialRatioState(detector),
    recent: known?.recent ?? [],
    lastEventMs: known?.lastEventMs ?? null,
    owed: 0,
    definitionKey,
  };
}

/** The pending or firing alert of an SLO. */
export function openAlert(room: Room, sloId: string): AlertRecord | null {
  return room.alerts.find((alert) => alert.sloId === sloId && isOpen(alert)) ?? null;
}

/** Without events for five minutes nothing is known: unmeasured is not healthy, and idle is not dead. */
export function statusOf(runtime: SloRuntime, alert: AlertRecord | null, nowMs: number): SloStatus {
  if (alert?.state === 'firing') return 'firing';
  if (alert?.state === 'pending') return 'pending';
  return runtime.lastEventMs !== null && nowMs - runtime.lastEventMs <= 5 * 60_000 ? 'ok' : 'unknown';
}
