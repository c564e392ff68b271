import type { Attributes, SpanRow } from '#telemetry/rows';
import type { Scope } from '../scope.ts';
import { durationNanos, spanKind, statusCode, unknownService } from '../spans.ts';
import { parseBody, readAttributes, readResource, readScope } from './common.ts';
import { asId, asNumber, asObject, asObjects, asText, asUint64, type JsonObject } from './fields.ts';

/**
 * Reads an `ExportTraceServiceRequest` in OTLP/JSON into rows.
 * @throws MalformedError naming the field
 */
export function readTraceRequestJson(body: Buffer): SpanRow[] {
  return readResourceSpans(parseBody(body).resourceSpans, 'resourceSpans');
}

/**
 * Reads a list of `ResourceSpans` in OTLP/JSON into rows; absent is the empty list.
 * @param listPath where the list is in the body, for messages
 * @throws MalformedError naming the field
 */
export function readResourceSpans(list: unknown, listPath: string): SpanRow[] {
  const rows: SpanRow[] = [];
  for (const [r, resourceSpans] of asObjects(list, listPath).entries()) {
    const path = `${listPath}[${r}]`;
    const resource = readResource(resourceSpans.resource, `${path}.resource`);
    for (const [s, scopeSpans] of asObjects(resourceSpans.scopeSpans, `${path}.scopeSpans`).entries()) {
      const scopePath = `${path}.scopeSpans[${s}]`;
      const scope = readScope(scopeSpans.scope, `${scopePath}.scope`);
      for (const [i, span] of asObjects(scopeSpans.spans, `${scopePath}.spans`).entries()) {
        rows.push(readSpan(span, `${scopePath}.spans[${i}]`, resource, scope));
      }
    }
  }
  return rows;
}

function readSpan(span: JsonObject, path: string, resource: Attributes, scope: Scope): SpanRow {
  const start = asUint64(span.startTimeUnixNano, `${path}.startTimeUnixNano`);
  const end = asUint64(span.endTimeUnixNano, `${path}.endTimeUnixNano`);
  const status = span.status === undefined || span.status === null ? {} : asObject(span.status, `${path}.status`);
  const events = asObjects(span.events, `${path}.events`);
  const links = asObjects(span.links, `${path}.links`);
  return {
    Timestamp: start.toString(),
    TraceId: asId(span.traceId, `${path}.traceId`, 16),
    SpanId: asId(span.spanId, `${path}.spanId`, 8),
    ParentSpanId: asId(span.parentSpanId, `${path}.parentSpanId`, 8),
    TraceState: asText(span.traceState, `${path}.traceState`),
    SpanName: asText(span.name, `${path}.name`),
    SpanKind: spanKind(asNumber(span.kind, `${path}.kind`)),
    ServiceName: resource['service.name'] ?? unknownService,
    ResourceAttributes: resource,
    ScopeName: scope.name,
    ScopeVersion: scope.version,
    SpanAttributes: readAttributes(span.attributes, `${path}.attributes`),
    Duration: durationNanos(start, end),
    StatusCode: statusCode(asNumber(status.code, `${path}.status.code`)),
    StatusMessage: asText(status.message, `${path}.status.message`),
    'Events.Timestamp': events.map((event, i) =>
      asUint64(event.timeUnixNano, `${path}.events[${i}].timeUnixNano`).toString(),
    ),
    'Events.Name': events.map((event, i) => asText(event.name, `${path}.events[${i}].name`)),
    'Events.Attributes': events.map((event, i) => readAttributes(event.attributes, `${path}.events[${i}].attributes`)),
    'Links.TraceId': links.map((link, i) => asId(link.traceId, `${path}.links[${i}].traceId`, 16)),
    'Links.SpanId': links.map((link, i) => asId(link.spanId, `${path}.links[${i}].spanId`, 8)),
    'Links.TraceState': links.map((link, i) => asText(link.traceState, `${path}.links[${i}].traceState`)),
    'Links.Attributes': links.map((link, i) => readAttributes(link.attributes, `${path}.links[${i}].attributes`)),
  };
}
