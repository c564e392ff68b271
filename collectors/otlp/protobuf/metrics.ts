import {
  closeResource,
  openMetric,
  openResource,
  openScope,
  type ScopeContext,
  type SeriesCache,
} from '../metrics/series-cache.ts';
import { type MetricDescriptor, type MetricsBatch, rejectPoint } from '../metrics/translate.ts';
import { readResource, readScope } from './common.ts';
import { readExponentialPoint, readSummaryPoint } from './metric-distributions.ts';
import { readHistogramPoint, readNumberPoint } from './metric-points.ts';
import {
  BYTES,
  createReader,
  leaveMessage,
  type Range,
  type Reader,
  readText,
  skipField,
  skipMessage,
  VARINT,
} from './wire.ts';

/**
 * Reads an `ExportMetricsServiceRequest` into samples and series.
 * @throws MalformedError or RangeError when the bytes are not one
 */
export function readMetricsRequest(body: Buffer, cache: SeriesCache, batch: MetricsBatch): void {
  const reader = createReader(body);
  while (reader.pos < body.length) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) {
      const range = skipMessage(reader, body.length);
      readResourceMetrics(reader, range, cache, batch);
      reader.pos = range.end;
    } else skipField(reader, key);
  }
  leaveMessage(reader, body.length);
}

// Protobuf allows fields in any order, and what a point needs to know (its metric's name, kind, temporality) mostly comes
// after it: each level is first stepped over to note where its parts lie, then read.
function readResourceMetrics(reader: Reader, range: Range, cache: SeriesCache, batch: MetricsBatch): void {
  let resource: Range | null = null;
  const scopes: Range[] = [];
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) resource = skipMessage(reader, range.end);
    else if (key === ((2 << 3) | BYTES)) scopes.push(skipMessage(reader, range.end));
    else skipField(reader, key);
  }
  leaveMessage(reader, range.end);
  const context = openResource(cache, encodedForm(reader, resource), () => readResource(reader, resource));
  const samplesBefore = batch.samples.length;
  for (const scope of scopes) readScopeMetrics(reader, scope, context, batch);
  closeResource(batch, context, samplesBefore);
}

function readScopeMetrics(
  reader: Reader,
  range: Range,
  resource: Parameters<typeof openScope>[0],
  batch: MetricsBatch,
): void {
  let scope: Range | null = null;
  let schemaUrl = '';
  const metrics: Range[] = [];
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) scope = skipMessage(reader, range.end);
    else if (key === ((2 << 3) | BYTES)) metrics.push(skipMessage(reader, range.end));
    else if (key === ((3 << 3) | BYTES)) schemaUrl = readText(reader, range.end);
    else skipField(reader, key);
  }
  leaveMessage(reader, range.end);
  const context = openScope(resource, `${schemaUrl}\0${encodedForm(reader, scope)}`, () => ({
    scope: readScope(reader, scope),
    schemaUrl,
  }));
  for (const metric of metrics) readMetric(reader, metric, context, batch);
}

function encodedForm(reader: Reader, range: Range | null): string {
  return range === null ? 'p' : `p${reader.buf.latin1Slice(range.start, range.end)}`;
}

const kinds: Record<number, MetricDescriptor['kind']> = {
  5: 'gauge',
  7: 'sum',
  9: 'histogram',
  10: 'exponentialHistogram',
  11: 'summary',
};

const pointReaders: Record<MetricDescriptor['kind'], typeof readNumberPoint> = {
  gauge: readNumberPoint,
  sum: readNumberPoint,
  histogram: readHistogramPoint,
  exponentialHistogram: readExponentialPoint,
  summary: readSummaryPoint,
};

function readMetric(reader: Reader, range: Range, scope: ScopeContext, batch: MetricsBatch): void {
  const descriptor: MetricDescriptor = {
    name: '',
    unit: '',
    help: '',
    kind: 'gauge',
    temporality: 0,
    monotonic: false,
  };
  let data: Range | null = null;
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    const kind = (key & 7) === BYTES ? kinds[key >>> 3] : undefined;
    if (kind !== undefined) {
      descriptor.kind = kind;
      data = skipMessage(reader, range.end);
    } else if (key === ((1 << 3) | BYTES)) descriptor.name = readText(reader, range.end);
    else if (key === ((2 << 3) | BYTES)) descriptor.help = readText(reader, range.end);
    else if (key === ((3 << 3) | BYTES)) descriptor.unit = readText(reader, range.end);
    else skipField(reader, key);
  }
  leaveMessage(reader, range.end);
  if (data !== null) readData(reader, data, { descriptor, scope, batch });
}

type DataTarget = { descriptor: MetricDescriptor; scope: ScopeContext; batch: MetricsBatch };

function readData(reader: Reader, range: Range, { descriptor, scope, batch }: DataTarget): void {
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    if (key === ((2 << 3) | VARINT)) descriptor.temporality = reader.readVarint();
    else if (key === ((3 << 3) | VARINT)) descriptor.monotonic = reader.readVarint() !== 0;
    else skipField(reader, key);
  }
  leaveMessage(reader, range.end);
  const metric = openMetric(scope, descriptor);
  const readPoint = pointReaders[descriptor.kind];
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    if (key !== ((1 << 3) | BYTES)) skipField(reader, key);
    else if (metric !== null) readPoint(reader, range.end, metric, batch);
    else {
      skipMessage(reader, range.end);
      rejectPoint(batch, `the metric name ${JSON.stringify(descriptor.name)} has no character that Prometheus allows`);
    }
  }
}
