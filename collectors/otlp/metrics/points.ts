import type { SeriesRow } from '#telemetry/rows';
import { renderBound } from '../prometheus-names.ts';
import {
  addSample,
  type MetricContext,
  type MetricsBatch,
  type PointSeries,
  type PointTime,
  partSeries,
  rejectPoint,
} from './translate.ts';

export type HistogramPoint = {
  count: number;
  /** Absent when the sender saw negative values: such a sum is no counter. */
  sum: number | undefined;
  bucketCounts: readonly number[];
  explicitBounds: readonly number[];
};

export type ExponentialBuckets = { offset: number; counts: readonly number[] };

export type ExponentialPoint = {
  count: number;
  sum: number | undefined;
  scale: number;
  zeroCount: number;
  zeroThreshold: number;
  positive: ExponentialBuckets;
  negative: ExponentialBuckets;
};

export type SummaryPoint = { count: number; sum: number; quantiles: readonly { quantile: number; value: number }[] };

/** A gauge or sum: one sample. */
export function addNumber(
  batch: MetricsBatch,
  metric: MetricContext,
  point: PointSeries,
  time: PointTime,
  value: number,
): void {
  addSample(batch, partSeries(metric, point, ''), time, value);
}

/** A histogram: cumulative `_bucket`s with `le`, `_sum` when there is one, and `_count`. */
export function addHistogram(
  batch: MetricsBatch,
  metric: MetricContext,
  point: PointSeries,
  time: PointTime,
  { count, sum, bucketCounts, explicitBounds }: HistogramPoint,
): void {
  if (bucketCounts.length > 0 && bucketCounts.length !== explicitBounds.length + 1) {
    rejectPoint(
      batch,
      `${metric.name}: a histogram has ${explicitBounds.length} bounds but ${bucketCounts.length} buckets`,
    );
    return;
  }
  const bounds = bucketCounts.length === 0 ? [] : explicitBounds;
  const buckets = bucketSeries(metric, point, bounds);
  let below = 0;
  for (let index = 0; index < bounds.length; index++) {
    below += bucketCounts[index] ?? 0;
    const bucket = buckets[index];
    if (bucket !== undefined) addSample(batch, bucket, time, below);
  }
  addTotals(batch, metric, point, time, { count, sum });
}

function addTotals(
  batch: MetricsBatch,
  metric: MetricContext,
  point: PointSeries,
  time: PointTime,
  { count, sum }: { count: number; sum: number | undefined },
): void {
  addSample(batch, partSeries(metric, point, '_bucket', { label: 'le', value: '+Inf' }), time, count);
  if (sum !== undefined) addSample(batch, partSeries(metric, point, '_sum'), time, sum);
  addSample(batch, partSeries(metric, point, '_count'), time, count);
}

function bucketSeries(metric: MetricContext, point: PointSeries, bounds: readonly number[]): SeriesRow[] {
  if (!sameNumbers(point.bounds, bounds)) {
    point.bounds = [...bounds];
    point.buckets = bounds.map((bound) =>
      partSeries(metric, point, '_bucket', { label: 'le', value: renderBound(bound) }),
    );
  }
  return point.buckets;
}

function sameNumbers(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

/** The finest scale that is kept: a bound every factor √2, quantiles to within ±19 %. */
const finestScale = 1;

/** At the coarsest scale of the specification one bucket holds all doubles above 1. */
const coarsestScale = -10;

/** Bounds come in blocks of this many octaves, so that they stay the same until values leave the block. */
const octavesPerBlock = 8;

/**
 * An exponential histogram as a classic one. Its buckets are merged down to scale 1 (merging is exact: two neighbours
 * become one), and the bounds are those of whole blocks of eight octaves around the values, so that a series' bounds
 * change only when values leave the blocks. Values at or below zero fall under the first bound, `le="0"` or the zero threshold.
 */
export function addExponentialHistogram(
  batch: MetricsBatch,
  metric: MetricContext,
  point: PointSeries,
  time: PointTime,
  exponential: ExponentialPoint,
): void {
  const { count, sum, positive, negative } = exponential;
  if (exponential.scale < coarsestScale || exponential.scale > 20) {
    rejectPoint(batch, `${metric.name}: an exponential histogram has scale ${exponential.scale}`);
    return;
  }
  const scale = Math.min(exponential.scale, finestScale);
  const underZero = exponential.zeroCount + negative.counts.reduce((total, each) => total + each, 0);
  const { bounds, counts } = classicBuckets(mergeBuckets(positive, exponential.scale - scale), scale, {
    bound: exponential.zeroThreshold,
    count: underZero,
  });
  addHistogram(batch, metric, point, time, { count, sum, explicitBounds: bounds, bucketCounts: [...counts, 0] });
}

function classicBuckets(
  merged: Map<number, number>,
  scale: number,
  lowest: { bound: number; count: number },
): { bounds: number[]; counts: number[] } {
  const bounds = [lowest.bound];
  const counts = [lowest.count];
  if (merged.size === 0) return { bounds, counts };
  const indexes = [...merged.keys()];
  const block = Math.max(1, octavesPerBlock * 2 ** scale);
  const first = Math.floor(Math.min(...indexes) / block) * block;
  const last = Math.ceil((Math.max(...indexes) + 1) / block) * block;
  for (let index = first; index < last; index++) {
    const bound = 2 ** ((index + 1) * 2 ** -scale);
    const count = merged.get(index) ?? 0;
    // Beyond the largest double only `+Inf` is left, which holds every value anyway.
    if (bound === Number.POSITIVE_INFINITY) break;
    if (bound > (bounds.at(-1) ?? 0)) {
      bounds.push(bound);
      counts.push(count);
    } else {
      counts[counts.length - 1] = (counts.at(-1) ?? 0) + count;
    }
  }
  return { bounds, counts };
}

// Bucket i of a scale holds (base^i, base^(i+1)]; one scale down, i becomes floor(i / 2).
function mergeBuckets({ offset, counts }: ExponentialBuckets, byScales: number): Map<number, number> {
  const merged = new Map<number, number>();
  counts.forEach((count, position) => {
    if (count === 0) return;
    const index = Math.floor((offset + position) / 2 ** byScales);
    merged.set(index, (merged.get(index) ?? 0) + count);
  });
  return merged;
}

/** A summary: its quantiles as they are, `_sum` and `_count`. */
export function addSummary(
  batch: MetricsBatch,
  metric: MetricContext,
  point: PointSeries,
  time: PointTime,
  { count, sum, quantiles }: SummaryPoint,
): void {
  for (const { quantile, value } of quantiles) {
    const series = partSeries(metric, point, '', { label: 'quantile', value: renderBound(quantile) });
    // A quantile is a state: it has no beginning from zero.
    addSample(batch, series, { ...time, startMs: 0 }, value);
  }
  addSample(batch, partSeries(metric, point, '_sum'), time, sum);
  addSample(batch, partSeries(metric, point, '_count'), time, count);
}
