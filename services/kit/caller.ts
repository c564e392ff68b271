import { z } from 'zod';
import { hidePersonal } from '#process/privacy';

/** On whose behalf a request is made: passed on from the edge through every call, and put into events. */
export type Caller = {
  sessionId: string | null;
  device: string | null;
  channel: string | null;
  /** Who has signed in; the gateway alone may say so, from a token that it has checked. */
  userId: string | null;
};

/** The caller as events tell of them. */
export const callerFields = {
  sessionId: z.string().nullable(),
  device: z.string().nullable(),
  channel: z.string().nullable(),
  userId: z.string().nullable(),
};

/** What stands for a device where none is looked at: a crawler that says so, a third party's program. */
const software: ReadonlySet<string | null | undefined> = new Set(['bot', 'api']);

/** Whether nobody sits in front of it: not to be counted where people are. */
export function isSoftware(device: string | null | undefined): boolean {
  return software.has(device);
}

type Headers = Record<string, string | string[] | undefined>;

const headerNames = {
  sessionId: 'x-session-id',
  device: 'x-device',
  channel: 'x-channel',
  userId: 'x-user-id',
} as const;
/** Names and ids; what looks like anything else is not kept. */
const word = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** The caller as named by a request's headers; null for what is missing, no name or id, or personal. */
export function readCaller(headers: Headers): Caller {
  const read = (name: string): string | null => {
    const value = headers[name];
    return typeof value === 'string' && word.test(value) && hidePersonal(value) === value ? value : null;
  };
  return {
    sessionId: read(headerNames.sessionId),
    device: read(headerNames.device),
    channel: read(headerNames.channel),
    userId: read(headerNames.userId),
  };
}

/** The headers that name the caller to the next service. */
export function callerHeaders(caller: Caller): Record<string, string> {
  const entries = Object.entries(headerNames).map(([key, name]) => [name, caller[key as keyof Caller]]);
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}
