import {
  addExponentialHistogram,
  addHistogram,
  addNumber,
  addSummary,
  type ExponentialBuckets,
} from '../metrics/points.ts';
import {
  closeResource,
  openMetric,
  openResource,
  openScope,
  type ScopeContext,
  type SeriesCache,
} from '../metrics/series-cache.ts';
import {
  type MetricContext,
  type MetricDescriptor,
  type MetricsBatch,
  type PointSeries,
  type PointTime,
  pointSeries,
  pointTime,
  rejectPoint,
} from '../metrics/translate.ts';
import { parseBody, readAttributes, readResource, readScope } from './common.ts';
import { asBoolean, asMs, asNumber, asNumbers, asObject, asObjects, asText, type JsonObject } from './fields.ts';

/**
 * Reads an `ExportMetricsServiceRequest` in OTLP/JSON into samples and series.
 * @throws MalformedError naming the field
 */
export function readMetricsRequestJson(body: Buffer, cache: SeriesCache, batch: MetricsBatch): void {
  for (const [r, resourceMetrics] of asObjects(parseBody(body).resourceMetrics, 'resourceMetrics').entries()) {
    const path = `resourceMetrics[${r}]`;
    const resource = openResource(cache, encodedForm(resourceMetrics.resource), () =>
      readResource(resourceMetrics.resource, `${path}.resource`),
    );
    const samplesBefore = batch.samples.length;
    for (const [s, scopeMetrics] of asObjects(resourceMetrics.scopeMetrics, `${path}.scopeMetrics`).entries()) {
      const scopePath = `${path}.scopeMetrics[${s}]`;
      const schemaUrl = asText(scopeMetrics.schemaUrl, `${scopePath}.schemaUrl`);
      const scope = openScope(resource, `${schemaUrl}\0${encodedForm(scopeMetrics.scope)}`, () => ({
        scope: readScope(scopeMetrics.scope, `${scopePath}.scope`),
        schemaUrl,
      }));
      for (const [m, metric] of asObjects(scopeMetrics.metrics, `${scopePath}.metrics`).entries()) {
        readMetric(metric, `${scopePath}.metrics[${m}]`, scope, batch);
      }
    }
    closeResource(batch, resource, samplesBefore);
  }
}

// 'j' keeps it apart from the protobuf forms in the same cache.
function encodedForm(value: unknown): string {
  return `j${JSON.stringify(value) ?? ''}`;
}

const kinds: readonly MetricDescriptor['kind'][] = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

function readMetric(metric: JsonObject, path: string, scope: ScopeContext, batch: MetricsBatch): void {
  const kind = kinds.find((each) => metric[each] !== undefined && metric[each] !== null);
  if (kind === undefined) return;
  const data = asObject(metric[kind], `${path}.${kind}`);
  const name = asText(metric.name, `${path}.name`);
  const context = openMetric(scope, {
    name,
    unit: asText(metric.unit, `${path}.unit`),
    help: asText(metric.description, `${path}.description`),
    kind,
    temporality: asNumber(data.aggregationTemporality, `${path}.${kind}.aggregationTemporality`),
    monotonic: asBoolean(data.isMonotonic, `${path}.${kind}.isMonotonic`),
  });
  for (const [index, point] of asObjects(data.dataPoints, `${path}.${kind}.dataPoints`).entries()) {
    const pointPath = `${path}.${kind}.dataPoints[${index}]`;
    if (context === null) {
      rejectPoint(batch, `the metric name ${JSON.stringify(name)} has no character that Prometheus allows`);
      continue;
    }
    addPoint[kind]({
      batch,
      metric: context,
      point,
      path: pointPath,
      ...seriesAndTime(batch, context, point, pointPath),
    });
  }
}

function seriesAndTime(
  batch: MetricsBatch,
  metric: MetricContext,
  point: JsonObject,
  path: string,
): { series: PointSeries; time: PointTime } {
  return {
    series: pointSeries(batch, metric, encodedForm(point.attributes), () =>
      readAttributes(point.attributes, `${path}.attributes`),
    ),
    time: pointTime(batch, metric, {
      timestampMs: asMs(point.timeUnixNano, `${path}.timeUnixNano`),
      startMs: asMs(point.startTimeUnixNano, `${path}.startTimeUnixNano`),
      flags: asNumber(point.flags, `${path}.flags`),
    }),
  };
}

type PointInput = {
  batch: MetricsBatch;
  metric: MetricContext;
  series: PointSeries;
  time: PointTime;
  point: JsonObject;
  path: string;
};

const addPoint: Record<MetricDescriptor['kind'], (input: PointInput) => void> = {
  gauge: addNumberPoint,
  sum: addNumberPoint,
  histogram: addHistogramPoint,
  exponentialHistogram: addExponentialPoint,
  summary: addSummaryPoint,
};

function addNumberPoint({ batch, metric, series, time, point, path }: PointInput): void {
  const value = point.asDouble ?? point.asInt;
  if (value === undefined && !time.stale) rejectPoint(batch, `${metric.name}: a point has no value`);
  else addNumber(batch, metric, series, time, asNumber(value, `${path}.asDouble`));
}

function optionalNumber(value: unknown, path: string): number | undefined {
  return value === undefined || value === null ? undefined : asNumber(value, path);
}

function addHistogramPoint({ batch, metric, series, time, point, path }: PointInput): void {
  addHistogram(batch, metric, series, time, {
    count: asNumber(point.count, `${path}.count`),
    sum: optionalNumber(point.sum, `${path}.sum`),
    bucketCounts: asNumbers(point.bucketCounts, `${path}.bucketCounts`),
    explicitBounds: asNumbers(point.explicitBounds, `${path}.explicitBounds`),
  });
}

function addExponentialPoint({ batch, metric, series, time, point, path }: PointInput): void {
  addExponentialHistogram(batch, metric, series, time, {
    count: asNumber(point.count, `${path}.count`),
    sum: optionalNumber(point.sum, `${path}.sum`),
    scale: asNumber(point.scale, `${path}.scale`),
    zeroCount: asNumber(point.zeroCount, `${path}.zeroCount`),
    zeroThreshold: asNumber(point.zeroThreshold, `${path}.zeroThreshold`),
    positive: readBuckets(point.positive, `${path}.positive`),
    negative: readBuckets(point.negative, `${path}.negative`),
  });
}

function readBuckets(value: unknown, path: string): ExponentialBuckets {
  if (value === undefined || value === null) return { offset: 0, counts: [] };
  const buckets = asObject(value, path);
  return {
    offset: asNumber(buckets.offset, `${path}.offset`),
    counts: asNumbers(buckets.bucketCounts, `${path}.bucketCounts`),
  };
}

function addSummaryPoint({ batch, metric, series, time, point, path }: PointInput): void {
  addSummary(batch, metric, series, time, {
    count: asNumber(point.count, `${path}.count`),
    sum: asNumber(point.sum, `${path}.sum`),
    quantiles: asObjects(point.quantileValues, `${path}.quantileValues`).map((each, index) => ({
      quantile: asNumber(each.quantile, `${path}.quantileValues[${index}].quantile`),
      value: asNumber(each.value, `${path}.quantileValues[${index}].value`),
    })),
  });
}
