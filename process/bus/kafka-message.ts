import type { IHeaders, Message } from 'kafkajs';
import type { CloudEvent } from './cloud-event.ts';

/** How often a message has failed, and before when it is not tried again (milliseconds since the epoch). */
export type Trial = { failures: number; dueMs: number };

const failuresHeader = 'x-failures';
const dueHeader = 'x-due-ms';
const attributePrefix = 'ce_';
const structuredType = 'application/cloudevents+json';

/** Topic of an event type; topics of events are known by their prefix. */
export const eventTopicPrefix = 'events.';

/** Dead-letter topics are known by theirs. */
export const deadTopicPrefix = 'dead.';

/** Topic of what the consumer of `queue` could not deal with: compacted, the key is the letter's id. */
export function deadTopicOf(queue: string): string {
  return deadTopicPrefix + queue;
}

/** Topic of what a consumer has put off: it waits in turn there, and nobody else behind it. */
export function retryTopicOf(queue: string): string {
  return `retry.${queue}`;
}

/**
 * An event as a Kafka message: CloudEvents' Kafka protocol binding, binary content mode. The subject is the key, so that
 * events of an aggregate stay in order; the trace goes on in W3C's header too, for consumers who know that only.
 */
export function toKafkaMessage(event: CloudEvent): Message {
  const { data, datacontenttype, ...attributes } = event;
  const named = Object.entries(attributes).map(([name, value]): [string, string] => [attributePrefix + name, value]);
  const trace = event.traceparent === undefined ? {} : { traceparent: event.traceparent };
  return {
    key: event.subject,
    value: JSON.stringify(data),
    headers: { ...Object.fromEntries(named), 'content-type': datacontenttype, ...trace },
  };
}

/** What a message says, binary or structured; one that is neither as text. Whether it is an event is not checked. */
export function fromKafkaMessage({ value, headers = {} }: { value: Buffer | null; headers?: IHeaders }): unknown {
  const text = value?.toString('utf8') ?? '';
  const contentType = readHeader(headers, 'content-type');
  if (contentType?.startsWith(structuredType)) return parseJson(text);
  if (readHeader(headers, `${attributePrefix}specversion`) === undefined) return text;
  const attributes = Object.keys(headers)
    .filter((name) => name.startsWith(attributePrefix))
    .map((name) => [name.slice(attributePrefix.length), readHeader(headers, name)]);
  const traceparent = readHeader(headers, 'traceparent');
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...Object.fromEntries(attributes),
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
    ...(text === '' ? {} : { data: parseJson(text) }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Never failed and due at once, when the message says nothing of it. */
export function readTrial(headers: IHeaders = {}): Trial {
  return {
    failures: Number(readHeader(headers, failuresHeader) ?? 0),
    dueMs: Number(readHeader(headers, dueHeader) ?? 0),
  };
}

export function trialHeaders({ failures, dueMs }: Trial): IHeaders {
  return { [failuresHeader]: String(failures), [dueHeader]: String(dueMs) };
}

function readHeader(headers: IHeaders, name: string): string | undefined {
  const value = [headers[name]].flat()[0];
  return value === undefined ? undefined : value.toString();
}
