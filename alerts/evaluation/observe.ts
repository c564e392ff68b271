import { countIncreases, forgetSilent } from '../detectors/counters.ts';
import type { Observation } from '../detectors/observation.ts';
import type { BatchCount, RecentSample, SampleSelector, SpanSli } from './queries.ts';
import { type Objective, type Room, runtimeOf } from './room.ts';

/** Commits reorder: what arrived in the last half minute is read again every few ticks, and seen batches are skipped. */
export const rereadMs = 30_000;

/** More than this between the oldest and the newest new batch means catching up: then each second is a tick. */
const catchUpMs = 5_000;

type Counted = {
  arrivedMs: number;
  good: number;
  bad: number;
  firstBadMs: number | null;
  firstBadStoredMs: number | null;
};

export type Reading = { spans: BatchCount[]; samples: RecentSample[]; toArrivedMs: number };

/** The span SLIs and counter selectors to ask the store for. */
export function listQuestions(objectives: Objective[]): { slis: SpanSli[]; selectors: SampleSelector[] } {
  const slis: SpanSli[] = [];
  const selectors: SampleSelector[] = [];
  for (const { slo } of objectives) {
    const { indicator } = slo;
    if (indicator.type === 'spans') {
      const { type: _, ...selection } = indicator;
      slis.push({ id: slo.id, ...selection });
    } else {
      for (const part of ['good', 'bad', 'total'] as const) {
        const selector = indicator[part];
        if (selector !== null) selectors.push({ id: `${slo.id}#${part}`, ...selector });
      }
    }
  }
  return { slis, selectors };
}

/**
 * Turns what was read into observations per SLO, each batch once, and moves the watermark.
 * @returns the room with watermark, seen batches and counters moved on, and each SLO's observations in order
 */
export function takeObservations(
  room: Room,
  objectives: Objective[],
  reading: Reading,
  nowMs: number,
): { room: Room; observations: Map<string, Observation[]> } {
  const spans = reading.spans.filter(({ batchId }) => room.seen[`t${batchId}`] === undefined);
  const samples = reading.samples.filter(({ batchId }) => room.seen[`m${batchId}`] === undefined);
  const counted = countMetrics({ room, objectives, samples, nowMs });
  const bySlo = Map.groupBy([...spans.map(fromBatch), ...counted.rows], ({ sloId }) => sloId);
  const watermarkMs = reading.toArrivedMs;
  const seen = { ...room.seen };
  for (const { batchId, arrivedMs } of spans) seen[`t${batchId}`] = arrivedMs;
  for (const { batchId, arrivedMs } of samples) seen[`m${batchId}`] = arrivedMs;
  const kept = Object.entries(seen).filter(([, arrivedMs]) => arrivedMs >= watermarkMs - rereadMs - 5_000);
  return {
    room: { ...room, watermarkMs, seen: Object.fromEntries(kept), counters: counted.counters, slos: counted.slos },
    observations: new Map([...bySlo].map(([sloId, rows]) => [sloId, toObservations(rows, nowMs)])),
  };
}

function fromBatch(row: BatchCount): Counted & { sloId: string } {
  const { sliId, arrivedMs, good, bad, firstBadMs, firstBadArrivedMs } = row;
  return { sloId: sliId, arrivedMs, good, bad, firstBadMs, firstBadStoredMs: firstBadArrivedMs };
}

/** Live: one tick. Catching up: one tick per second of arrival, as it would have been. */
function toObservations(rows: Counted[], nowMs: number): Observation[] {
  const ordered = [...rows].sort((a, b) => a.arrivedMs - b.arrivedMs);
  const oldest = ordered[0]?.arrivedMs ?? nowMs;
  const newest = ordered.at(-1)?.arrivedMs ?? nowMs;
  if (newest - oldest <= catchUpMs) return [merge(ordered, nowMs)];
  const seconds = Map.groupBy(ordered, ({ arrivedMs }) => Math.floor(arrivedMs / 1_000));
  return [...seconds].map(([second, ofSecond]) => merge(ofSecond, (second + 1) * 1_000));
}

function merge(rows: Counted[], atMs: number): Observation {
  const firstBad = rows
    .filter((row) => row.firstBadMs !== null)
    .reduce<Counted | null>(
      (first, row) => ((row.firstBadMs ?? 0) < (first?.firstBadMs ?? Infinity) ? row : first),
      null,
    );
  return {
    atMs,
    good: rows.reduce((sum, { good }) => sum + good, 0),
    bad: rows.reduce((sum, { bad }) => sum + bad, 0),
    firstBadMs: firstBad?.firstBadMs ?? null,
    firstBadStoredMs: firstBad?.firstBadStoredMs ?? null,
  };
}

/** Counters → increases → (good, bad) per batch. A bad event whose total comes in a later batch is owed until then. */
function countMetrics({
  room,
  objectives,
  samples,
  nowMs,
}: {
  room: Room;
  objectives: Objective[];
  samples: RecentSample[];
  nowMs: number;
}): { rows: (Counted & { sloId: string })[]; counters: Room['counters']; slos: Room['slos'] } {
  const counters = { ...room.counters };
  const slos = { ...room.slos };
  const rows = objectives.flatMap((objective) => {
    const { slo } = objective;
    const { indicator } = slo;
    if (indicator.type !== 'metrics') return [];
    const increases = (['good', 'bad', 'total'] as const).flatMap((part) => {
      const id = `${slo.id}#${part}`;
      if (indicator[part] === null) return [];
      const before = counters[id] ?? { watchedSinceMs: room.watermarkMs ?? nowMs, byFingerprint: {} };
      const grown = countIncreases(
        before,
        samples.filter(({ selectorId }) => selectorId === id),
      );
      counters[id] = forgetSilent(grown.counters, nowMs);
      return grown.increases.map(({ sample, increase }) => ({ part, sample, increase }));
    });
    const runtime = runtimeOf(room, objective);
    let owed = runtime.owed;
    const batches = [...Map.groupBy(increases, ({ sample }) => sample.batchId).values()].map((ofBatch) => {
      const sum = (name: string): number =>
        ofBatch.filter(({ part }) => part === name).reduce((total, { increase }) => total + increase, 0);
      const bad = indicator.bad === null ? sum('total') - sum('good') + owed : sum('bad');
      const good = indicator.good === null ? sum('total') - sum('bad') + owed : sum('good');
      owed = Math.min(0, indicator.bad === null ? bad : good);
      const first = ofBatch[0]?.sample;
      const badMs = Math.min(...ofBatch.map(({ sample }) => sample.timestampMs));
      return {
        sloId: slo.id,
        arrivedMs: first?.arrivedMs ?? 0,
        good: Math.max(0, good),
        bad: Math.max(0, bad),
        firstBadMs: bad > 0 ? badMs : null,
        firstBadStoredMs: bad > 0 ? (first?.arrivedMs ?? null) : null,
      };
    });
    slos[slo.id] = { ...runtime, owed };
    return batches;
  });
  return { rows, counters, slos };
}
