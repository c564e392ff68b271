import {
  type EventRow,
  fingerprintSeries,
  type LogRow,
  type SampleRow,
  type SeriesRow,
  type SpanRow,
  toValueBits,
} from './rows.ts';

let serial = 0;

function nextId(length: number): string {
  serial += 1;
  return serial.toString(16).padStart(length, '0');
}

/** A span for tests that began at a Unix ms; ids are unique within the process. */
export function makeSpan(startMs: number, fields: Partial<SpanRow> = {}): SpanRow {
  return {
    Timestamp: `${startMs}000000`,
    TraceId: nextId(32),
    SpanId: nextId(16),
    ParentSpanId: '',
    TraceState: '',
    SpanName: 'GET /carts/:id',
    SpanKind: 'Server',
    ServiceName: 'cart',
    ResourceAttributes: { 'service.name': 'cart' },
    ScopeName: 'test',
    ScopeVersion: '',
    SpanAttributes: { 'http.route': '/carts/:id', 'http.request.method': 'GET', 'http.response.status_code': '200' },
    Duration: 20_000_000,
    StatusCode: 'Unset',
    StatusMessage: '',
    'Events.Timestamp': [],
    'Events.Name': [],
    'Events.Attributes': [],
    'Links.TraceId': [],
    'Links.SpanId': [],
    'Links.TraceState': [],
    'Links.Attributes': [],
    ...fields,
  };
}

/** A log record for tests. */
export function makeLog(timeMs: number, fields: Partial<LogRow> = {}): LogRow {
  return {
    Timestamp: `${timeMs}000000`,
    TraceId: '',
    SpanId: '',
    TraceFlags: 1,
    SeverityText: 'INFO',
    SeverityNumber: 9,
    ServiceName: 'cart',
    Body: 'a cart was read',
    ResourceSchemaUrl: '',
    ResourceAttributes: {},
    ScopeSchemaUrl: '',
    ScopeName: 'test',
    ScopeVersion: '',
    ScopeAttributes: {},
    LogAttributes: {},
    ...fields,
  };
}

/** A counter with samples for tests. */
export function makeCounter(
  metric: string,
  labels: Record<string, string>,
  samples: { timestampMs: number; value: number; startMs?: number }[],
): { series: SeriesRow[]; samples: SampleRow[] } {
  const fingerprint = fingerprintSeries(metric, labels);
  const series = {
    fingerprint,
    metric,
    labels,
    type: 'counter',
    temporality: 'cumulative',
    unit: '',
    help: '',
  } as const;
  const rows = samples.map(({ timestampMs, value, startMs = 0 }) => ({
    fingerprint,
    timestampMs,
    valueBits: toValueBits(value),
    startMs,
  }));
  return { series: [series], samples: rows };
}

/** A shop's event for tests. */
export function makeEvent(timeMs: number, fields: Partial<EventRow> = {}): EventRow {
  return {
    id: nextId(16),
    source: '/services/orders',
    type: 'order.confirmed',
    subject: 'order-1',
    timeMs,
    traceId: '',
    sessionId: 'session-1',
    device: 'phone',
    channel: 'web',
    orderId: 'order-1',
    amountMinor: 4_990,
    currency: 'EUR',
    data: '{}',
    ...fields,
  };
}
