import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { EventRow } from '#telemetry/rows';
import { Refusal } from '../refusal.ts';

// CloudEvents 1.0: these four are required and not empty; extensions pass unseen.
const cloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().default(''),
  time: z.iso.datetime({ offset: true }).optional(),
  traceparent: z.string().default(''),
  data: z.unknown(),
});

const text = z.string().catch('');

// The parts of `data` that business queries ask for. A shop that names them otherwise still has its data stored whole.
const dataSchema = z
  .object({
    sessionId: text,
    device: text,
    channel: text,
    orderId: text,
    totalMinor: z.number().int().safe().optional().catch(undefined),
    amountMinor: z.number().int().safe().optional().catch(undefined),
    currency: text,
  })
  .catch({
    sessionId: '',
    device: '',
    channel: '',
    orderId: '',
    totalMinor: undefined,
    amountMinor: undefined,
    currency: '',
  });

/**
 * A CloudEvent as a row.
 * @param nowMs for an event without a time
 * @throws Refusal `malformed` naming every wrong attribute
 */
export function toEventRow(value: unknown, nowMs: number): EventRow {
  const parsed = cloudEventSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`);
    throw new Refusal('malformed', `not a CloudEvent 1.0: ${problems.join('; ')}`);
  }
  const event = parsed.data;
  const data = dataSchema.parse(event.data);
  return {
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    timeMs: event.time === undefined ? nowMs : Date.parse(event.time),
    traceId: /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(event.traceparent)?.[1] ?? '',
    sessionId: data.sessionId,
    device: data.device,
    channel: data.channel,
    orderId: data.orderId,
    amountMinor: data.totalMinor ?? data.amountMinor ?? 0,
    currency: data.currency,
    data: JSON.stringify(event.data ?? null),
  };
}

/**
 * The events of an HTTP request: structured (one), batched (many) or binary (attributes in `ce-` headers).
 * @throws Refusal `content_type` or `malformed`
 */
export function readCloudEvents(headers: IncomingHttpHeaders, body: Buffer): unknown[] {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/cloudevents+json') return [parseJson(body)];
  if (type === 'application/cloudevents-batch+json') {
    const events = parseJson(body);
    if (!Array.isArray(events)) throw new Refusal('malformed', 'a batch of CloudEvents is a JSON array');
    return events;
  }
  if (headers['ce-specversion'] !== undefined) return [readBinary(headers, type, body)];
  throw new Refusal(
    'content_type',
    'expected application/cloudevents+json, application/cloudevents-batch+json, or ce- headers (binary mode)',
  );
}

function readBinary(headers: IncomingHttpHeaders, type: string, body: Buffer): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-') && typeof value === 'string') event[name.slice(3)] = decodeHeader(value);
  }
  if (event.traceparent === undefined) event.traceparent = headers.traceparent;
  const isJson = type === '' || type === 'application/json' || type.endsWith('+json');
  if (body.length > 0)
    event.data = isJson ? parseJson(body) : body.toString(type.startsWith('text/') ? 'utf8' : 'base64');
  return event;
}

// Header values are percent-encoded where they are not printable ASCII.
function decodeHeader(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Refusal('malformed', `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
