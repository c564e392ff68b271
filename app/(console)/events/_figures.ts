import type { ResolvedRange } from '#app/_live/time-range.ts';
import type { ChartPoint } from '#app/_ui/time-chart.tsx';
import type { LagPoint, MessageCount, ProcessingTime } from '#telemetry/queries/messaging';

/** What one consumer did in a range, and what waits for it. */
export type Consumer = {
  queue: string;
  done: number;
  retried: number;
  deadLettered: number;
  /** Mean time for a message, ms; null when there was none. */
  meanMs: number | null;
  /** The last that was reported; null when none was. */
  lag: number | null;
};

/** Messages of one event type that were published in a range. */
export type EventType = { type: string; published: number; perSecond: number };

const mostLines = 6;

function emptyPoints({ fromMs, toMs, stepSeconds }: ResolvedRange, keys: readonly string[], value: number | null) {
  const points: ChartPoint[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepSeconds * 1_000) {
    points.push({ ...Object.fromEntries(keys.map((key) => [key, value])), atMs });
  }
  return points;
}

/** What was reported in a step is stored a few seconds after its end. */
const storedAfterMs = 5_000;

/**
 * Messages per second in each step, by what became of them; a gap where not all is stored yet at `nowMs` (Unix ms), so
 * that the newest does not look like a fall.
 */
export function toMessageCourse(counts: readonly MessageCount[], range: ResolvedRange, nowMs: number): ChartPoint[] {
  const kinds = ['published', 'done', 'retried', 'dead-lettered'];
  const points = emptyPoints(range, kinds, 0);
  const byTime = new Map(points.map((point) => [point.atMs, point]));
  for (const { kind, atMs, count } of counts) {
    const point = byTime.get(atMs);
    if (point !== undefined) point[kind] = (point[kind] ?? 0) + count / range.stepSeconds;
  }
  const unknown = Object.fromEntries(kinds.map((kind) => [kind, null]));
  const storedUntilMs = nowMs - storedAfterMs - range.stepSeconds * 1_000;
  return points.map((point) => (point.atMs <= storedUntilMs ? point : { ...unknown, atMs: point.atMs }));
}

/** The lag of the consumers that were furthest behind; a gap where none was reported. */
export function toLagCourse(
  lags: readonly LagPoint[],
  range: ResolvedRange,
): { queues: string[]; points: ChartPoint[]; others: number } {
  const worst = new Map<string, number>();
  for (const { queue, lag } of lags) worst.set(queue, Math.max(lag, worst.get(queue) ?? 0));
  const ranked = [...worst].sort(([a, left], [b, right]) => right - left || a.localeCompare(b)).map(([queue]) => queue);
  const queues = ranked.slice(0, mostLines).sort();
  const points = emptyPoints(range, queues, null);
  const byTime = new Map(points.map((point) => [point.atMs, point]));
  for (const { queue, atMs, lag } of lags) {
    const point = byTime.get(atMs);
    if (point !== undefined && queues.includes(queue)) point[queue] = lag;
  }
  return { queues, points, others: ranked.length - queues.length };
}

/** Every consumer that did something, or that something waits for, by name. */
export function toConsumers(
  counts: readonly MessageCount[],
  lags: readonly LagPoint[],
  times: readonly ProcessingTime[],
): Consumer[] {
  const consumed = counts.filter(({ kind }) => kind !== 'published');
  const queues = new Set([...consumed.map(({ name }) => name), ...lags.map(({ queue }) => queue)]);
  const total = (queue: string, wanted: MessageCount['kind']): number =>
    consumed.filter(({ name, kind }) => name === queue && kind === wanted).reduce((sum, { count }) => sum + count, 0);
  return [...queues].sort().map((queue) => {
    const time = times.find((each) => each.queue === queue);
    return {
      queue,
      done: total(queue, 'done'),
      retried: total(queue, 'retried'),
      deadLettered: total(queue, 'dead-lettered'),
      meanMs: time === undefined ? null : (time.seconds / time.messages) * 1_000,
      lag: lags.findLast((each) => each.queue === queue)?.lag ?? null,
    };
  });
}

/** What was published, the most frequent first. */
export function toEventTypes(counts: readonly MessageCount[], { fromMs, toMs }: ResolvedRange): EventType[] {
  const published = Map.groupBy(
    counts.filter(({ kind }) => kind === 'published'),
    ({ name }) => name,
  );
  const types = [...published].map(([type, same]) => {
    const sum = same.reduce((before, { count }) => before + count, 0);
    return { type, published: sum, perSecond: sum / ((toMs - fromMs) / 1_000) };
  });
  return types.sort((a, b) => b.published - a.published);
}
