import { z } from 'zod';

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

type Headers = Record<string, string | string[] | undefined>;

const headerNames = {
  sessionId: 'x-session-id',
  device: 'x-device',
  channel: 'x-channel',
  userId: 'x-user-id',
} as const;
const longest = 64;

/** The caller as named by a request's headers; over-long values are cut, missing ones are null. */
export function readCaller(headers: Headers): Caller {
  const read = (name: string): string | null => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? value.slice(0, longest) : null;
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
