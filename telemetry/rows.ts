import { hash } from 'node:crypto';

/** String attributes as the store keeps them: values that are not strings are written as JSON or decimal text. */
export type Attributes = Record<string, string>;

/** Nanoseconds since the Unix epoch as decimal digits (a JavaScript number cannot hold them). */
export type Nanoseconds = string;

/** `SpanKind` as the OpenTelemetry Collector's ClickHouse exporter writes it. */
export type SpanKind = 'Unspecified' | 'Internal' | 'Server' | 'Client' | 'Producer' | 'Consumer';

/** `StatusCode` as the OpenTelemetry Collector's ClickHouse exporter writes it. */
export type StatusCode = 'Unset' | 'Ok' | 'Error';

/**
 * One span, a row of `otel_traces`: names and types of the OpenTelemetry Collector's ClickHouse exporter.
 * Ids are lower-case hex, '' when absent. `Duration` is nanoseconds. The `Events.*` arrays have equal lengths, so have the `Links.*`.
 */
export type SpanRow = {
  Timestamp: Nanoseconds;
  TraceId: string;
  SpanId: string;
  ParentSpanId: string;
  TraceState: string;
  SpanName: string;
  SpanKind: SpanKind;
  ServiceName: string;
  ResourceAttributes: Attributes;
  ScopeName: string;
  ScopeVersion: string;
  SpanAttributes: Attributes;
  Duration: number;
  StatusCode: StatusCode;
  StatusMessage: string;
  'Events.Timestamp': Nanoseconds[];
  'Events.Name': string[];
  'Events.Attributes': Attributes[];
  'Links.TraceId': string[];
  'Links.SpanId': string[];
  'Links.TraceState': string[];
  'Links.Attributes': Attributes[];
};

/** One log record, a row of `otel_logs`: names and types of the OpenTelemetry Collector's ClickHouse exporter. */
export type LogRow = {
  Timestamp: Nanoseconds;
  TraceId: string;
  SpanId: string;
  TraceFlags: number;
  SeverityText: string;
  SeverityNumber: number;
  ServiceName: string;
  Body: string;
  ResourceSchemaUrl: string;
  ResourceAttributes: Attributes;
  ScopeSchemaUrl: string;
  ScopeName: string;
  ScopeVersion: string;
  ScopeAttributes: Attributes;
  LogAttributes: Attributes;
};

export type SeriesType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'info' | 'unknown';

/** `delta` samples are stored as they come and accumulated on read. */
export type Temporality = 'cumulative' | 'delta' | 'none';

/** One Prometheus series. `labels` are without `__name__`; `fingerprint` is `fingerprintSeries(metric, labels)`. */
export type SeriesRow = {
  fingerprint: string;
  metric: string;
  labels: Attributes;
  type: SeriesType;
  temporality: Temporality;
  unit: string;
  help: string;
};

/**
 * One sample. `valueBits` are the 64 bits of the IEEE 754 double, so that NaN payloads (Prometheus's stale marker) survive;
 * `toValueBits` makes them from a number. `startMs` is the series' start time, 0 if unknown. Times are Unix ms.
 */
export type SampleRow = {
  fingerprint: string;
  timestampMs: number;
  valueBits: bigint;
  startMs: number;
};

/** One CloudEvent of the shop. `id` + `source` identify it; a second delivery is dropped. `data` is JSON text. */
export type EventRow = {
  id: string;
  source: string;
  type: string;
  subject: string;
  timeMs: number;
  traceId: string;
  sessionId: string;
  device: string;
  channel: string;
  orderId: string;
  amountMinor: number;
  currency: string;
  data: string;
};

/** What a browser reports: the kinds of `rum_events`. */
export type RumKind = 'event' | 'exception' | 'measurement' | 'log';

/**
 * One thing that a user's browser reported, a row of `rum_events`. `name` is the event's name, the exception's type, the
 * measurement's type or the log's level; `message` the exception's value or the log's line. `values` are a measurement's
 * numbers by name, e.g. `lcp` in ms. `stacktrace` is the frames as JSON text, '' for none. `pageUrl` has neither query string
 * nor fragment. Ids of traces are lower-case hex, '' when absent.
 */
export type RumRow = {
  timestampMs: number;
  app: string;
  appVersion: string;
  environment: string;
  sessionId: string;
  kind: RumKind;
  name: string;
  message: string;
  values: Record<string, number>;
  attributes: Attributes;
  stacktrace: string;
  pageUrl: string;
  view: string;
  browser: string;
  browserVersion: string;
  os: string;
  mobile: boolean;
  traceId: string;
  spanId: string;
};

/** The bits that Prometheus writes as the value of a series that has gone. */
export const staleMarkerBits = 0x7ff0000000000002n;

const scratch = new DataView(new ArrayBuffer(8));

/** The bits of an ordinary double; for NaNs with a payload take the bits from the wire instead. */
export function toValueBits(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

/**
 * The identity of a series: 64 bits of SHA-256 over the metric's name and its labels in order of their names,
 * as decimal digits. Costs microseconds: cache it per series.
 */
export function fingerprintSeries(metric: string, labels: Attributes): string {
  let text = metric;
  for (const name of Object.keys(labels).sort()) text += `\xff${name}\xfe${labels[name]}`;
  return BigInt(`0x${hash('sha256', text, 'hex').slice(0, 16)}`).toString();
}

/**
 * The identity of a request: 128 bits of SHA-256 over its signal and its decoded (not compressed) body, in hex.
 * A sender's retry has the same body and so the same hash.
 */
export function hashRequest(signal: 'traces' | 'logs' | 'metrics' | 'rum', body: Uint8Array): string {
  return `${signal}-${hash('sha256', body, 'hex').slice(0, 32)}`;
}
