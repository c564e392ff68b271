import {
  type Alternatives,
  addTick,
  alternativesAbove,
  alternativesBelow,
  type Evidence,
  logLikelihoodRatios,
  logStatistic,
  noEvidence,
} from './e-process.ts';
import type { Observation } from './observation.ts';
import { type Excursion, extendExcursions, likeliestExcursion } from './onset.ts';
import { observeRate, type Rate } from './rate.ts';

/**
 * What must be true besides the evidence before anyone is woken. A floor can only delay an alarm, so it never breaks
 * the promise about false ones; it keeps a blip, or a crash that takes a few seconds to revive and to be called again, from paging.
 */
export type Floor = {
  /** bad events since the onset */
  minBadEvents: number;
  /** between the first and the last bad event since the onset */
  minSpreadMs: number;
  /** budget burnt since the onset, as seconds of a total outage at the SLO's usual traffic */
  minOutageSeconds: number;
  /** ticks that must share the evidence: one brings at most this part of what an alarm needs */
  minTicks: number;
};

export type RatioDetector = {
  objective: number;
  /** the highest bad ratio that is nobody's emergency: 14.4 × the budget, at most one half */
  nullRatio: number;
  /** mean seconds of traffic between false alarms = the alarm threshold A */
  promisedSeconds: number;
  floor: Floor;
  above: Alternatives;
  below: Alternatives;
};

/** Everything a restart needs; plain JSON. */
export type RatioState = {
  mode: 'calm' | 'suspicious' | 'alarm';
  evidence: Evidence;
  excursions: (Excursion | null)[];
  /** observations of the last seconds: [time, good, bad] */
  recent: [number, number, number][];
  rate: Rate;
  /** what is known of the excursion that is pending or firing */
  current: Excursion | null;
};

export type Signal = 'none' | 'suspicious' | 'alarm' | 'dropped' | 'recovered';

/** Ticks of 1 s without a bad event after which an alarm has ended at the latest; also the mean time to a false end. */
export const resolveTicks = 60;
const recentMs = 5_000;

const defaultFloor: Floor = { minBadEvents: 5, minSpreadMs: 7_000, minOutageSeconds: 2, minTicks: 4 };

/**
 * A detector for "more than `14.4 × (1 − objective)` of the events are bad", the SRE workbook's page-now burn rate.
 * @param promisedSeconds mean time between its false alarms: the installation's promise × its number of SLOs
 */
export function createRatioDetector({
  objective,
  promisedSeconds,
  floor = defaultFloor,
}: {
  objective: number;
  promisedSeconds: number;
  floor?: Floor;
}): RatioDetector {
  const nullRatio = Math.min(0.5, 14.4 * (1 - objective));
  return {
    objective,
    nullRatio,
    promisedSeconds,
    floor,
    above: alternativesAbove(nullRatio),
    below: alternativesBelow(nullRatio / 2),
  };
}

/** A detector that has seen nothing. */
export function initialRatioState(detector: RatioDetector): RatioState {
  return {
    mode: 'calm',
    evidence: noEvidence(detector.above),
    excursions: detector.above.ratios.map(() => null),
    recent: [],
    rate: { perSecond: 0, sinceMs: null, atMs: null },
    current: null,
  };
}

/**
 * One tick. A tick without events says nothing about a ratio and is skipped.
 * @returns the next state and what happened: `suspicious` (pending), `alarm`, `dropped` (it came to nothing) or
 * `recovered` (an alarm is over)
 */
export function observeRatio(
  detector: RatioDetector,
  state: RatioState,
  observation: Observation,
): { state: RatioState; signal: Signal } {
  if (observation.good + observation.bad <= 0) return { state, signal: 'none' };
  const seen: RatioState = {
    ...state,
    rate: observeRate(state.rate, observation.atMs, observation.good + observation.bad),
    recent: [
      ...state.recent.filter(([atMs]) => atMs > observation.atMs - recentMs),
      [observation.atMs, observation.good, observation.bad],
    ],
  };
  return state.mode === 'alarm'
    ? observeRecovery(detector, seen, observation)
    : observeOutbreak(detector, seen, observation);
}

/** After a person resolved the alert: evidence starts from nothing. */
export function forgetEvidence(detector: RatioDetector, state: RatioState): RatioState {
  return { ...initialRatioState(detector), rate: state.rate };
}

function observeOutbreak(
  detector: RatioDetector,
  state: RatioState,
  observation: Observation,
): { state: RatioState; signal: Signal } {
  const threshold = Math.log(detector.promisedSeconds);
  // What happened in a single second never pages, however much of it there was.
  const cap = threshold / detector.floor.minTicks;
  const logRatios = logLikelihoodRatios(detector.above, observation, cap);
  const evidence = addTick(state.evidence, logRatios);
  const excursions = extendExcursions(state.excursions, logRatios, observation);
  const statistic = logStatistic(detector.above, evidence);
  const current = likeliestExcursion(excursions);
  const next: RatioState = { ...state, evidence, excursions, current };
  if (statistic >= threshold && current !== null && isAboveFloor(detector, next, current)) {
    return {
      state: { ...next, mode: 'alarm', evidence: noEvidence(detector.below), excursions: excursions.map(() => null) },
      signal: 'alarm',
    };
  }
  if (state.mode === 'calm' && statistic >= threshold / 2 && current !== null) {
    return { state: { ...next, mode: 'suspicious' }, signal: 'suspicious' };
  }
  if (state.mode === 'suspicious' && statistic < threshold / 4) {
    return { state: { ...next, mode: 'calm' }, signal: 'dropped' };
  }
  return { state: next, signal: 'none' };
}

/**
 * The reverse test, null "the bad ratio is at least p₀ / 2". A tick of good events has L ≥ 1 for every alternative
 * below, so R_n ≥ n while nothing bad happens: with A = 60 it ends within 60 ticks that have traffic, sooner with more.
 * It ends falsely once in 60 such ticks on average at worst, which the fault's calm period (incidents/) absorbs.
 */
function observeRecovery(
  detector: RatioDetector,
  state: RatioState,
  observation: Observation,
): { state: RatioState; signal: Signal } {
  const threshold = Math.log(resolveTicks);
  const logRatios = logLikelihoodRatios(detector.below, observation, threshold / 10);
  const evidence = addTick(state.evidence, logRatios);
  const current = state.current && {
    ...state.current,
    good: state.current.good + observation.good,
    bad: state.current.bad + observation.bad,
  };
  if (logStatistic(detector.below, evidence) < threshold) {
    return { state: { ...state, evidence, current }, signal: 'none' };
  }
  return { state: { ...forgetEvidence(detector, state), current }, signal: 'recovered' };
}

function isAboveFloor({ floor, nullRatio }: RatioDetector, state: RatioState, current: Excursion): boolean {
  const recentBad = state.recent.reduce((sum, [, , bad]) => sum + bad, 0);
  const recentAll = state.recent.reduce((sum, [, good, bad]) => sum + good + bad, 0);
  return (
    current.bad >= floor.minBadEvents &&
    current.lastBadMs - current.onsetMs >= floor.minSpreadMs &&
    current.bad >= floor.minOutageSeconds * state.rate.perSecond &&
    // Evidence outlives a blip: it must still be going on.
    recentBad > nullRatio * recentAll
  );
}
