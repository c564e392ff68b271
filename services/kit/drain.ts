import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as Listener } from 'node:net';

/**
 * How long a connection without a request stays open, in milliseconds: said to clients (`keep-alive: timeout`), which
 * give it up a little earlier, so that none sends a request into one that is being closed.
 */
const keepAliveMs = 5_000;

/** By how much longer it does stay open, for clients that are busy. */
const marginMs = 4_000;

/** Longer than any request may take, and than any connection is kept. */
const longestMs = 15_000;

/** Makes a server say how long it keeps connections, and keep them for a little longer. */
export function keepConnections(server: Server): void {
  server.keepAliveTimeout = keepAliveMs;
  server.keepAliveTimeoutBuffer = marginMs;
}

/**
 * Takes no more connections, and lets those that are open end without breaking one on which a request may be under way:
 * each is closed with its next answer, or when it has been kept for long enough without a request.
 * @param hurry ends the wait; what is open then is for the caller to close
 */
export async function drain(server: Server, hurry: AbortSignal): Promise<void> {
  if (hurry.aborted || !server.listening) return;
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
  const isEmpty = once(server, 'close');
  // Not its own `close`, which breaks the connections that are idle.
  Listener.prototype.close.call(server);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), longestMs).unref();
  const enough = AbortSignal.any([hurry, limit.signal]);
  await Promise.race([isEmpty, once(enough, 'abort')]);
  clearTimeout(timer);
}
