import type { Attributes, RumRow, SpanRow } from '#telemetry/rows';
import { parseBody } from '../otlp/json/common.ts';
import { asBoolean, asId, asObject, asObjects, asText, type JsonObject } from '../otlp/json/fields.ts';
import { MalformedError } from '../otlp/malformed.ts';
import { findClockShift, moveMs } from './clock.ts';
import { cleanAttributes, cleanText, cleanUrl } from './privacy.ts';
import { readBrowserSpans } from './spans.ts';

/** What one request of the Faro SDK holds. */
export type FaroRequest = { rows: RumRow[]; spans: SpanRow[] };

/** What is the same for all of a request. */
type Common = Omit<
  RumRow,
  'timestampMs' | 'kind' | 'name' | 'message' | 'values' | 'stacktrace' | 'traceId' | 'spanId'
>;

/** Frames of a stack trace that are kept, from the top; the SDK's own parser stops at fifty. */
const maxFrames = 50;

/**
 * Reads the body that the Faro Web SDK 2 sends (`TransportBody` of @grafana/faro-core). Of the user nothing is kept; fields
 * that nobody asks for are ignored.
 * @param app the name that belongs to the key, whatever the body says
 * @throws MalformedError naming the field
 */
export function readFaroRequest(body: Buffer, app: string, nowMs: number): FaroRequest {
  const payload = parseBody(body);
  const common = readMeta(asObject(payload.meta, 'meta'), app);
  const read = (key: string, toRow: (item: JsonObject, path: string, common: Common) => RumRow): RumRow[] =>
    asObjects(payload[key], key).map((item, index) => toRow(item, `${key}[${index}]`, common));
  const rows = [
    ...read('events', readEvent),
    ...read('exceptions', readException),
    ...read('measurements', readMeasurement),
    ...read('logs', readLog),
  ];
  const traces = payload.traces === undefined || payload.traces === null ? {} : asObject(payload.traces, 'traces');
  return { rows: setClock(rows, nowMs), spans: readBrowserSpans(traces.resourceSpans, app, nowMs) };
}

function setClock(rows: readonly RumRow[], nowMs: number): RumRow[] {
  const shiftMs = findClockShift(
    rows.map(({ timestampMs }) => timestampMs),
    nowMs,
  );
  return rows.map((row) => ({ ...row, timestampMs: moveMs(row.timestampMs, shiftMs, nowMs) }));
}

function asOptionalObject(value: unknown, path: string): JsonObject {
  return value === undefined || value === null ? {} : asObject(value, path);
}

function readMeta(meta: JsonObject, app: string): Common {
  const part = (name: string): JsonObject => asOptionalObject(meta[name], `meta.${name}`);
  const [application, session, page, view] = [part('app'), part('session'), part('page'), part('view')];
  const browser = part('browser');
  const text = (from: JsonObject, name: string, path: string): string =>
    cleanText(asText(from[name], `meta.${path}.${name}`));
  return {
    app,
    appVersion: text(application, 'version', 'app'),
    environment: text(application, 'environment', 'app'),
    sessionId: text(session, 'id', 'session'),
    attributes: {},
    pageUrl: cleanUrl(asText(page.url, 'meta.page.url')),
    view: text(view, 'name', 'view'),
    browser: text(browser, 'name', 'browser'),
    browserVersion: text(browser, 'version', 'browser'),
    os: text(browser, 'os', 'browser'),
    mobile: asBoolean(browser.mobile, 'meta.browser.mobile'),
  };
}

function readEvent(event: JsonObject, path: string, common: Common): RumRow {
  const domain = asText(event.domain, `${path}.domain`);
  return {
    ...readShared(event, path, common),
    kind: 'event',
    name: cleanText(asGivenText(event.name, `${path}.name`)),
    attributes: readAttributes(event, `${path}.attributes`, event.attributes, domain === '' ? {} : { domain }),
  };
}

function readException(exception: JsonObject, path: string, common: Common): RumRow {
  const { frames } = asOptionalObject(exception.stacktrace, `${path}.stacktrace`);
  const kept = asObjects(frames, `${path}.stacktrace.frames`)
    .slice(0, maxFrames)
    .map((frame, index) => readFrame(frame, `${path}.stacktrace.frames[${index}]`));
  const fatal = asBoolean(exception.fatal, `${path}.fatal`);
  return {
    ...readShared(exception, path, common),
    kind: 'exception',
    name: cleanText(asGivenText(exception.type, `${path}.type`)),
    message: cleanText(asText(exception.value, `${path}.value`)),
    stacktrace: kept.length === 0 ? '' : JSON.stringify(kept),
    attributes: readAttributes(exception, `${path}.context`, exception.context, fatal ? { fatal: 'true' } : {}),
  };
}

function readFrame(frame: JsonObject, path: string): Record<string, unknown> {
  const position = (name: 'lineno' | 'colno'): number | undefined =>
    frame[name] === undefined || frame[name] === null ? undefined : asFinite(frame[name], `${path}.${name}`);
  return {
    function: cleanText(asText(frame.function, `${path}.function`)),
    filename: cleanUrl(asText(frame.filename, `${path}.filename`)),
    lineno: position('lineno'),
    colno: position('colno'),
  };
}

function readMeasurement(measurement: JsonObject, path: string, common: Common): RumRow {
  const values = Object.entries(asObject(measurement.values, `${path}.values`));
  return {
    ...readShared(measurement, path, common),
    kind: 'measurement',
    name: cleanText(asGivenText(measurement.type, `${path}.type`)),
    values: Object.fromEntries(values.map(([name, value]) => [name, asFinite(value, `${path}.values.${name}`)])),
    attributes: readAttributes(measurement, `${path}.context`, measurement.context),
  };
}

function readLog(log: JsonObject, path: string, common: Common): RumRow {
  return {
    ...readShared(log, path, common),
    kind: 'log',
    name: cleanText(asText(log.level, `${path}.level`)) || 'log',
    message: cleanText(asText(log.message, `${path}.message`)),
    attributes: readAttributes(log, `${path}.context`, log.context),
  };
}

function readShared(item: JsonObject, path: string, common: Common): Omit<RumRow, 'kind' | 'name'> {
  const trace = asOptionalObject(item.trace, `${path}.trace`);
  return {
    ...common,
    timestampMs: asTime(item.timestamp, `${path}.timestamp`),
    message: '',
    values: {},
    stacktrace: '',
    traceId: asId(trace.trace_id, `${path}.trace.trace_id`, 16),
    spanId: asId(trace.span_id, `${path}.trace.span_id`, 8),
  };
}

/** String attributes, with what the SDK says beside them and the user's action that the item belongs to. */
function readAttributes(item: JsonObject, path: string, value: unknown, beside: Attributes = {}): Attributes {
  const given = Object.entries(asOptionalObject(value, path));
  const texts = given.map(([name, each]) => [name, typeof each === 'string' ? each : (JSON.stringify(each) ?? '')]);
  const action = asOptionalObject(item.action, `${path.slice(0, path.lastIndexOf('.'))}.action`);
  const actionName = typeof action.name === 'string' ? { 'action.name': action.name } : {};
  return cleanAttributes({ ...Object.fromEntries(texts), ...beside, ...actionName });
}

function asGivenText(value: unknown, path: string): string {
  const text = asText(value, path);
  if (text === '') throw new MalformedError(`${path}: expected a text that is not empty`);
  return text;
}

function asFinite(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new MalformedError(`${path}: expected a number, got ${JSON.stringify(value)?.slice(0, 40) ?? 'nothing'}`);
}

function asTime(value: unknown, path: string): number {
  const timeMs = Date.parse(asText(value, path));
  if (Number.isNaN(timeMs)) {
    throw new MalformedError(
      `${path}: expected an ISO 8601 time, got ${JSON.stringify(value)?.slice(0, 40) ?? 'nothing'}`,
    );
  }
  return timeMs;
}
