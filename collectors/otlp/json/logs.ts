import type { LogRow } from '#telemetry/rows';
import { unknownService } from '../spans.ts';
import { parseBody, readAttributes, readResource, readScope, readValueText } from './common.ts';
import { asId, asNumber, asObjects, asText, asUint64, type JsonObject } from './fields.ts';

/**
 * Reads an `ExportLogsServiceRequest` in OTLP/JSON into rows; a record without any time gets `nowNanos`.
 * @throws MalformedError naming the field
 */
export function readLogsRequestJson(body: Buffer, nowNanos: string): LogRow[] {
  const rows: LogRow[] = [];
  for (const [r, resourceLogs] of asObjects(parseBody(body).resourceLogs, 'resourceLogs').entries()) {
    const path = `resourceLogs[${r}]`;
    const resource = readResource(resourceLogs.resource, `${path}.resource`);
    const resourceSchemaUrl = asText(resourceLogs.schemaUrl, `${path}.schemaUrl`);
    for (const [s, scopeLogs] of asObjects(resourceLogs.scopeLogs, `${path}.scopeLogs`).entries()) {
      const scopePath = `${path}.scopeLogs[${s}]`;
      const scope = readScope(scopeLogs.scope, `${scopePath}.scope`);
      const origin = {
        ServiceName: resource['service.name'] ?? unknownService,
        ResourceSchemaUrl: resourceSchemaUrl,
        ResourceAttributes: resource,
        ScopeSchemaUrl: asText(scopeLogs.schemaUrl, `${scopePath}.schemaUrl`),
        ScopeName: scope.name,
        ScopeVersion: scope.version,
        ScopeAttributes: scope.attributes,
      };
      for (const [i, record] of asObjects(scopeLogs.logRecords, `${scopePath}.logRecords`).entries()) {
        rows.push({ ...origin, ...readRecord(record, `${scopePath}.logRecords[${i}]`, nowNanos) });
      }
    }
  }
  return rows;
}

type RecordFields = Pick<
  LogRow,
  'Timestamp' | 'TraceId' | 'SpanId' | 'TraceFlags' | 'SeverityText' | 'SeverityNumber' | 'Body' | 'LogAttributes'
>;

function readRecord(record: JsonObject, path: string, nowNanos: string): RecordFields {
  const time =
    asUint64(record.timeUnixNano, `${path}.timeUnixNano`) ||
    asUint64(record.observedTimeUnixNano, `${path}.observedTimeUnixNano`);
  const attributes = readAttributes(record.attributes, `${path}.attributes`);
  const eventName = asText(record.eventName, `${path}.eventName`);
  return {
    Timestamp: time === 0n ? nowNanos : time.toString(),
    TraceId: asId(record.traceId, `${path}.traceId`, 16),
    SpanId: asId(record.spanId, `${path}.spanId`, 8),
    TraceFlags: asNumber(record.flags, `${path}.flags`) & 0xff,
    SeverityText: asText(record.severityText, `${path}.severityText`),
    SeverityNumber: asNumber(record.severityNumber, `${path}.severityNumber`),
    Body: readValueText(record.body, `${path}.body`),
    LogAttributes: eventName === '' ? attributes : { ...attributes, 'event.name': eventName },
  };
}
