import { formatRange, parseRange, type TimeRange } from './time-range.ts';

/** What a page can watch. A topic's text is its key in the query cache and in the live stream. */
export type Topic =
  | { kind: 'shell' }
  | { kind: 'overview'; range: TimeRange }
  | { kind: 'figures'; range: TimeRange }
  | { kind: 'business'; range: TimeRange }
  | { kind: 'users'; range: TimeRange }
  | { kind: 'session'; id: string }
  | { kind: 'trace'; id: string }
  | { kind: 'events'; range: TimeRange }
  | { kind: 'service'; name: string; range: TimeRange }
  | { kind: 'registry' }
  | { kind: 'record'; name: string }
  | { kind: 'faults' }
  | { kind: 'fault'; id: string }
  | { kind: 'chaos' };

const namePattern = /^[A-Za-z0-9][\w.:/ -]{0,120}$/;
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for a service name that can be asked for. */
export function isServiceName(name: string): boolean {
  return namePattern.test(name);
}

/** True for the id of a fault, a drill or an injection. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** True for the id of a trace: 32 hexadecimal digits (W3C Trace Context, §3.2.2.3). */
export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** True for an id that a browser may give its session. */
export function isSessionId(text: string): boolean {
  return /^[\w.:-]{1,128}$/.test(text);
}

/** Text of a topic, e.g. `service/orders?range=15m`. */
export function formatTopic(topic: Topic): string {
  switch (topic.kind) {
    case 'overview':
    case 'figures':
    case 'business':
    case 'users':
    case 'events':
      return `${topic.kind}?range=${formatRange(topic.range)}`;
    case 'service':
      return `service/${encodeURIComponent(topic.name)}?range=${formatRange(topic.range)}`;
    case 'record':
      return `record/${encodeURIComponent(topic.name)}`;
    case 'fault':
    case 'session':
    case 'trace':
      return `${topic.kind}/${topic.id}`;
    default:
      return topic.kind;
  }
}

/** Reads a topic's text; null when there is no such topic. */
export function parseTopic(text: string): Topic | null {
  const [path = '', query] = text.split('?');
  const [kind, rest, ...more] = path.split('/');
  const range = parseRange(new URLSearchParams(query).get('range'));
  if (more.length > 0) return null;
  if (isRanged(kind) && rest === undefined) return { kind, range };
  if ((kind === 'shell' || kind === 'registry' || kind === 'faults' || kind === 'chaos') && rest === undefined)
    return { kind };
  if (isIdentified(kind) && rest !== undefined) return isIdOf[kind](rest) ? { kind, id: rest } : null;
  if ((kind === 'service' || kind === 'record') && rest !== undefined) {
    const name = decodeName(rest);
    if (name === null || !isServiceName(name)) return null;
    return kind === 'service' ? { kind, name, range } : { kind, name };
  }
  return null;
}

const ranged = ['overview', 'figures', 'business', 'users', 'events'] as const;

function isRanged(kind: string | undefined): kind is (typeof ranged)[number] {
  return ranged.some((each) => each === kind);
}

const isIdOf = { fault: isUuid, session: isSessionId, trace: isTraceId };

function isIdentified(kind: string | undefined): kind is keyof typeof isIdOf {
  return kind !== undefined && Object.hasOwn(isIdOf, kind);
}

function decodeName(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
