import {
  type Attributes,
  fingerprintSeries,
  type SampleRow,
  type SeriesRow,
  type SeriesType,
  staleMarkerBits,
  type Temporality,
  toValueBits,
} from '#telemetry/rows';
import { type MetricKind, prometheusMetricName, prometheusUnit } from '../prometheus-names.ts';
import type { Scope } from '../scope.ts';
import { jobAndInstance, labelsFromAttributes, scopeLabels, targetInfoLabels } from './labels.ts';

/** What one metrics request becomes: samples, and beside each the series that it belongs to. */
export type MetricsBatch = {
  nowMs: number;
  samples: SampleRow[];
  series: SeriesRow[];
  /** How many sets of attributes were new to the cache. */
  pointsMet: number;
  rejectedPoints: number;
  rejectedReason: string;
};

// OTLP `AggregationTemporality`.
const DELTA = 1;
const CUMULATIVE = 2;

/** How a metric's points become series; cached for as long as the process lives, since senders repeat themselves. */
export type MetricContext = {
  name: string;
  type: SeriesType;
  temporality: Temporality;
  unit: string;
  help: string;
  /** Labels that all its points share: job, instance and the scope's. */
  labels: Attributes;
  /** False for gauges and the like, whose start time says nothing. */
  hasStart: boolean;
  /** Series of its points by the encoded attributes of the point. */
  points: Map<string, PointSeries>;
};

/** The series of one set of attributes: the value itself, or the parts of a histogram or summary. */
export type PointSeries = {
  labels: Attributes;
  parts: Map<string, SeriesRow>;
  /** The buckets' series beside the bounds they were made for: a point with the same bounds needs no look-up by text. */
  bounds: readonly number[];
  buckets: SeriesRow[];
};

/** When a point was taken; `stale` when the sender says that it has no value any more (`NO_RECORDED_VALUE`). */
export type PointTime = { timestampMs: number; startMs: number; stale: boolean };

export type MetricDescriptor = {
  name: string;
  unit: string;
  help: string;
  kind: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';
  temporality: number;
  monotonic: boolean;
};

export function createBatch(nowMs: number): MetricsBatch {
  return { nowMs, samples: [], series: [], pointsMet: 0, rejectedPoints: 0, rejectedReason: '' };
}

export function rejectPoint(batch: MetricsBatch, reason: string): void {
  batch.rejectedPoints += 1;
  batch.rejectedReason ||= reason;
}

/** @returns null when no character of the metric's name can stand in a Prometheus name */
export function createMetricContext(
  descriptor: MetricDescriptor,
  { resource, scope, schemaUrl }: { resource: Attributes; scope: Scope; schemaUrl: string },
): MetricContext | null {
  const kind = prometheusKind(descriptor);
  const name = prometheusMetricName(descriptor.name, descriptor.unit, kind);
  if (name === '') return null;
  return {
    name,
    type: kind,
    temporality: temporalityOf(descriptor),
    unit: prometheusUnit(descriptor.unit, kind),
    help: descriptor.help,
    labels: { ...scopeLabels(scope, schemaUrl), ...jobAndInstance(resource) },
    hasStart: kind !== 'gauge',
    points: new Map(),
  };
}

// A delta sum that is not monotonic is a change, not a state; it stays a gauge, told apart by its temporality.
function prometheusKind({ kind, monotonic }: MetricDescriptor): MetricKind {
  if (kind === 'sum') return monotonic ? 'counter' : 'gauge';
  if (kind === 'exponentialHistogram') return 'histogram';
  return kind;
}

function temporalityOf({ kind, temporality }: MetricDescriptor): Temporality {
  if (kind === 'gauge') return 'none';
  if (kind === 'summary' || temporality === CUMULATIVE) return 'cumulative';
  return temporality === DELTA ? 'delta' : 'none';
}

/** The series of a point's attributes, by their encoded form. */
export function pointSeries(
  batch: MetricsBatch,
  metric: MetricContext,
  encoded: string,
  readAttributes: () => Attributes,
): PointSeries {
  const known = metric.points.get(encoded);
  if (known !== undefined) return known;
  batch.pointsMet += 1;
  const labels = { ...labelsFromAttributes(readAttributes()), ...metric.labels };
  const point: PointSeries = { labels, parts: new Map(), bounds: [], buckets: [] };
  metric.points.set(encoded, point);
  return point;
}

/** OTLP `DataPointFlags`: the sender says that the series has no value any more. */
const NO_RECORDED_VALUE = 1;

/** A point's times in ms. A point without a time gets the time of its arrival; a gauge's start time says nothing. */
export function pointTime(
  batch: MetricsBatch,
  metric: MetricContext,
  { timestampMs, startMs, flags }: { timestampMs: number; startMs: number; flags: number },
): PointTime {
  return {
    timestampMs: timestampMs === 0 ? batch.nowMs : timestampMs,
    startMs: metric.hasStart ? startMs : 0,
    stale: (flags & NO_RECORDED_VALUE) !== 0,
  };
}

/** The part of a point that has `suffix` and, for buckets and quantiles, one more label. */
export function partSeries(
  metric: MetricContext,
  point: PointSeries,
  suffix: string,
  extra: { label: string; value: string } | null = null,
): SeriesRow {
  const partKey = extra === null ? suffix : extra.value;
  const known = point.parts.get(partKey);
  if (known !== undefined) return known;
  const labels = extra === null ? point.labels : { ...point.labels, [extra.label]: extra.value };
  const met = createSeries(metric.name + suffix, labels, metric);
  point.parts.set(partKey, met);
  return met;
}

/** Adds one sample of a series. */
export function addSample(batch: MetricsBatch, series: SeriesRow, time: PointTime, value: number): void {
  batch.series.push(series);
  batch.samples.push({
    fingerprint: series.fingerprint,
    timestampMs: time.timestampMs,
    valueBits: time.stale ? staleMarkerBits : toValueBits(value),
    startMs: time.startMs,
  });
}

function createSeries(
  metric: string,
  labels: Attributes,
  { type, temporality, unit, help }: Pick<SeriesRow, 'type' | 'temporality' | 'unit' | 'help'>,
): SeriesRow {
  return { fingerprint: fingerprintSeries(metric, labels), metric, labels, type, temporality, unit, help };
}

/** The `target_info` series of a resource, which keeps the attributes that are not labels of every series. */
export function createTargetInfo(resource: Attributes): SeriesRow | null {
  const labels = targetInfoLabels(resource);
  if (labels === null) return null;
  return createSeries('target_info', labels, { type: 'info', temporality: 'none', unit: '', help: 'Target metadata' });
}
