import type { Attributes, LogRow } from '#telemetry/rows';
import { unknownService } from '../spans.ts';
import { readAttribute, readResource, readScope, readValueText } from './common.ts';
import {
  BYTES,
  createReader,
  FIXED32,
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

/** What a log record takes from the resource and scope that it came in. */
type Origin = Pick<
  LogRow,
  | 'ServiceName'
  | 'ResourceSchemaUrl'
  | 'ResourceAttributes'
  | 'ScopeSchemaUrl'
  | 'ScopeName'
  | 'ScopeVersion'
  | 'ScopeAttributes'
>;

/**
 * Reads an `ExportLogsServiceRequest` into rows; a record without any time gets `nowNanos`.
 * @throws MalformedError or RangeError when the bytes are not one
 */
export function readLogsRequest(body: Buffer, nowNanos: string): LogRow[] {
  const reader = createReader(body);
  const rows: LogRow[] = [];
  while (reader.pos < body.length) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) {
      const range = skipMessage(reader, body.length);
      readResourceLogs(reader, range, rows, nowNanos);
      reader.pos = range.end;
    } else skipField(reader, key);
  }
  leaveMessage(reader, body.length);
  return rows;
}

type Container = { header: Range | null; items: Range[]; schemaUrl: string };

// ResourceLogs and ScopeLogs have the same shape: 1 resource or scope, 2 what it contains, 3 schema_url.
function stepOver(reader: Reader, range: Range): Container {
  const container: Container = { header: null, items: [], schemaUrl: '' };
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) container.header = skipMessage(reader, range.end);
    else if (key === ((2 << 3) | BYTES)) container.items.push(skipMessage(reader, range.end));
    else if (key === ((3 << 3) | BYTES)) container.schemaUrl = readText(reader, range.end);
    else skipField(reader, key);
  }
  leaveMessage(reader, range.end);
  return container;
}

function readResourceLogs(reader: Reader, range: Range, rows: LogRow[], nowNanos: string): void {
  const { header, items, schemaUrl } = stepOver(reader, range);
  const resource: Attributes = readResource(reader, header);
  for (const item of items) {
    const records = stepOver(reader, item);
    const scope = readScope(reader, records.header);
    const origin: Origin = {
      ServiceName: resource['service.name'] ?? unknownService,
      ResourceSchemaUrl: schemaUrl,
      ResourceAttributes: resource,
      ScopeSchemaUrl: records.schemaUrl,
      ScopeName: scope.name,
      ScopeVersion: scope.version,
      ScopeAttributes: scope.attributes,
    };
    for (const record of records.items) rows.push(readRecord(reader, record, origin, nowNanos));
  }
}

function readRecord(reader: Reader, { start, end }: Range, origin: Origin, nowNanos: string): LogRow {
  const row: LogRow = {
    Timestamp: nowNanos,
    TraceId: '',
    SpanId: '',
    TraceFlags: 0,
    SeverityText: '',
    SeverityNumber: 0,
    Body: '',
    LogAttributes: {},
    ...origin,
  };
  let time = 0n;
  let observed = 0n;
  reader.pos = start;
  while (reader.pos < end) {
    const key = reader.readVarint();
    switch (key) {
      case (1 << 3) | FIXED64:
        time = readNanos(reader);
        break;
      case (11 << 3) | FIXED64:
        observed = readNanos(reader);
        break;
      default:
        readRecordField(reader, end, key, row);
    }
  }
  leaveMessage(reader, end);
  if (time > 0n) row.Timestamp = time.toString();
  else if (observed > 0n) row.Timestamp = observed.toString();
  return row;
}

function readRecordField(reader: Reader, end: number, key: number, row: LogRow): void {
  switch (key) {
    case (2 << 3) | VARINT:
      row.SeverityNumber = reader.readVarint();
      break;
    case (3 << 3) | BYTES:
      row.SeverityText = readText(reader, end);
      break;
    case (5 << 3) | BYTES:
      row.Body = readValueText(reader, end);
      break;
    case (6 << 3) | BYTES:
      readAttribute(reader, end, row.LogAttributes);
      break;
    case (8 << 3) | FIXED32:
      // The upper bits are reserved; the table's column is 8 bits wide, as are W3C trace flags.
      row.TraceFlags = reader.readFixed32() & 0xff;
      break;
    case (9 << 3) | BYTES:
      row.TraceId = readId(reader, end, 16);
      break;
    case (10 << 3) | BYTES:
      row.SpanId = readId(reader, end, 8);
      break;
    case (12 << 3) | BYTES:
      // The exporter's tables have no column for it; this is the attribute's name in the semantic conventions.
      row.LogAttributes['event.name'] = readText(reader, end);
      break;
    default:
      skipField(reader, key);
  }
}
