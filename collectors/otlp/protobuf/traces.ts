import type { Attributes, SpanRow } from '#telemetry/rows';
import type { Scope } from '../scope.ts';
import { durationNanos, spanKind, statusCode, unknownService } from '../spans.ts';
import { readAttribute, readResource, readScope } from './common.ts';
import {
  BYTES,
  createReader,
  enterMessage,
  FIXED64,
  leaveMessage,
  type Range,
  type Reader,
  readId,
  readNanos,
  readText,
  skipField,
  skipMessage,
  VARINT,
} from './wire.ts';

/**
 * Reads an `ExportTraceServiceRequest` into rows.
 * @throws MalformedError or RangeError when the bytes are not one
 */
export function readTraceRequest(body: Buffer): SpanRow[] {
  const reader = createReader(body);
  const rows: SpanRow[] = [];
  while (reader.pos < body.length) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) {
      const range = skipMessage(reader, body.length);
      readResourceSpans(reader, range, rows);
      reader.pos = range.end;
    } else skipField(reader, key);
  }
  leaveMessage(reader, body.length);
  return rows;
}

// Fields may come in any order, and a span needs its resource and scope: step over first, then read.
function readResourceSpans(reader: Reader, range: Range, rows: SpanRow[]): void {
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
  const attributes = readResource(reader, resource);
  for (const scope of scopes) readScopeSpans(reader, scope, attributes, rows);
}

function readScopeSpans(reader: Reader, range: Range, resource: Attributes, rows: SpanRow[]): void {
  let scopeRange: Range | null = null;
  const spans: Range[] = [];
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) scopeRange = skipMessage(reader, range.end);
    else if (key === ((2 << 3) | BYTES)) spans.push(skipMessage(reader, range.end));
    else skipField(reader, key);
  }
  leaveMessage(reader, range.end);
  const scope = readScope(reader, scopeRange);
  for (const span of spans) rows.push(readSpan(reader, span, resource, scope));
}

function emptySpan(resource: Attributes, scope: Scope): SpanRow {
  return {
    Timestamp: '0',
    TraceId: '',
    SpanId: '',
    ParentSpanId: '',
    TraceState: '',
    SpanName: '',
    SpanKind: 'Unspecified',
    ServiceName: resource['service.name'] ?? unknownService,
    ResourceAttributes: resource,
    ScopeName: scope.name,
    ScopeVersion: scope.version,
    SpanAttributes: {},
    Duration: 0,
    StatusCode: 'Unset',
    StatusMessage: '',
    'Events.Timestamp': [],
    'Events.Name': [],
    'Events.Attributes': [],
    'Links.TraceId': [],
    'Links.SpanId': [],
    'Links.TraceState': [],
    'Links.Attributes': [],
  };
}

function readSpan(reader: Reader, { start, end }: Range, resource: Attributes, scope: Scope): SpanRow {
  const row = emptySpan(resource, scope);
  let startNanos = 0n;
  let endNanos = 0n;
  reader.pos = start;
  while (reader.pos < end) {
    const key = reader.readVarint();
    switch (key) {
      case (1 << 3) | BYTES:
        row.TraceId = readId(reader, end, 16);
        break;
      case (2 << 3) | BYTES:
        row.SpanId = readId(reader, end, 8);
        break;
      case (3 << 3) | BYTES:
        row.TraceState = readText(reader, end);
        break;
      case (4 << 3) | BYTES:
        row.ParentSpanId = readId(reader, end, 8);
        break;
      case (5 << 3) | BYTES:
        row.SpanName = readText(reader, end);
        break;
      case (6 << 3) | VARINT:
        row.SpanKind = spanKind(reader.readVarint());
        break;
      case (7 << 3) | FIXED64:
        startNanos = readNanos(reader);
        break;
      case (8 << 3) | FIXED64:
        endNanos = readNanos(reader);
        break;
      case (9 << 3) | BYTES:
        readAttribute(reader, end, row.SpanAttributes);
        break;
      case (11 << 3) | BYTES:
        readEvent(reader, end, row);
        break;
      case (13 << 3) | BYTES:
        readLink(reader, end, row);
        break;
      case (15 << 3) | BYTES:
        readStatus(reader, end, row);
        break;
      default:
        skipField(reader, key);
    }
  }
  leaveMessage(reader, end);
  row.Timestamp = startNanos.toString();
  row.Duration = durationNanos(startNanos, endNanos);
  return row;
}

function readEvent(reader: Reader, containerEnd: number, row: SpanRow): void {
  const end = enterMessage(reader, containerEnd);
  let timestamp = '0';
  let name = '';
  const attributes: Attributes = {};
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | FIXED64)) timestamp = readNanos(reader).toString();
    else if (key === ((2 << 3) | BYTES)) name = readText(reader, end);
    else if (key === ((3 << 3) | BYTES)) readAttribute(reader, end, attributes);
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
  row['Events.Timestamp'].push(timestamp);
  row['Events.Name'].push(name);
  row['Events.Attributes'].push(attributes);
}

function readLink(reader: Reader, containerEnd: number, row: SpanRow): void {
  const end = enterMessage(reader, containerEnd);
  let traceId = '';
  let spanId = '';
  let traceState = '';
  const attributes: Attributes = {};
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) traceId = readId(reader, end, 16);
    else if (key === ((2 << 3) | BYTES)) spanId = readId(reader, end, 8);
    else if (key === ((3 << 3) | BYTES)) traceState = readText(reader, end);
    else if (key === ((4 << 3) | BYTES)) readAttribute(reader, end, attributes);
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
  row['Links.TraceId'].push(traceId);
  row['Links.SpanId'].push(spanId);
  row['Links.TraceState'].push(traceState);
  row['Links.Attributes'].push(attributes);
}

function readStatus(reader: Reader, containerEnd: number, row: SpanRow): void {
  const end = enterMessage(reader, containerEnd);
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((2 << 3) | BYTES)) row.StatusMessage = readText(reader, end);
    else if (key === ((3 << 3) | VARINT)) row.StatusCode = statusCode(reader.readVarint());
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
}
