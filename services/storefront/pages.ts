import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { trace } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { checkHost, checkSameOrigin } from '#process/same-origin';
import { securityHeaders } from '#process/security-headers';
import type { Client } from '#services/kit/fetch';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { readSession, type Session, type SessionKeeper, writeSession } from './session.ts';
import { inVisit, type Visit } from './visit.ts';
import { readChannel, readDevice } from './visitor.ts';

export type PagesOptions = {
  gateway: Client;
  sessions: SessionKeeper;
  /** Makes the page: the request handler of Next.js. */
  render: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  reporting: Visit['reporting'];
  /** Where customers find the shop, when it is not this address. */
  publicUrl?: string;
  /** True when nobody but this machine gets here: other names are refused. */
  loopback: boolean;
  dev: boolean;
};

/** Each by its pattern, which names its spans. */
const patterns = [
  ...['/', '/shop', '/products/:id', '/products/:id/stock', '/cart', '/checkout', '/orders/:id'],
  ...['/account', '/sign-in', '/register', '/*'],
];

/** Adds the pages of the shop, and the files that belong to them. */
export function addPages(app: Server, options: PagesOptions): void {
  app.register(async (site) => {
    // What is sent is read by the page's action.
    site.removeAllContentTypeParsers();
    site.addContentTypeParser('*', (_request, _payload, done) => done(null));
    site.all('/_next/*', (request, reply) => hand(request, reply, options));
    const guarded = { onRequest: async (request: FastifyRequest) => refuseStrangers(request, options) };
    for (const pattern of patterns) site.all(pattern, guarded, (request, reply) => answer(request, reply, options));
  });
}

/** @throws DomainError 403 for a request that another site made the browser send */
function refuseStrangers(
  { headers, method }: FastifyRequest,
  { loopback, publicUrl }: Pick<PagesOptions, 'loopback' | 'publicUrl'>,
): void {
  const reads = method === 'GET' || method === 'HEAD';
  const get = (name: string): string | null => (typeof headers[name] === 'string' ? headers[name] : null);
  const verdict = reads ? checkHost(get('host'), { loopback }) : checkSameOrigin({ get }, { loopback, publicUrl });
  if (!verdict.ok) throw new DomainError('forbidden', 403, `Refused: ${verdict.reason}.`);
}

function hand({ raw }: FastifyRequest, reply: FastifyReply, { render }: PagesOptions): Promise<void> {
  reply.hijack();
  return render(raw, reply.raw);
}

async function answer(request: FastifyRequest, reply: FastifyReply, options: PagesOptions): Promise<void> {
  const { raw } = request;
  const response = reply.raw;
  const url = raw.url ?? '/';
  const known = readSession(raw.headers.cookie);
  const session = await options.sessions.renew(known, known?.channel ?? readChannel(url, raw.headers.referer));
  const secure = options.publicUrl?.startsWith('https:') === true;
  const keep = (next: Session | null): void => {
    visit.session = next;
    response.setHeader('set-cookie', writeSession(next, { secure }));
  };
  const nonce = randomBytes(16).toString('base64');
  const visit: Visit = {
    gateway: options.gateway,
    session,
    caller: {
      ...{ sessionId: session?.sessionId ?? null, device: readDevice(raw.headers) },
      ...{ channel: session?.channel ?? null, userId: null },
    },
    nonce,
    traceparent: joinTrace(session),
    reporting: options.reporting,
    answerWith: (status) => replaceStatus(response, status),
    keep,
  };
  if (session !== null && session !== known) keep(session);
  writeSecurity(raw, response, { nonce, options, requestId: request.id });
  reply.hijack();
  await inVisit(visit, () => options.render(raw, response));
}

function writeSecurity(
  request: IncomingMessage,
  response: ServerResponse,
  { nonce, options, requestId }: { nonce: string; options: PagesOptions; requestId: string },
): void {
  const { reporting, dev } = options;
  const connectTo = reporting === null ? [] : [new URL(reporting.url).origin];
  const headers = securityHeaders({ nonce, dev, connectTo });
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('x-request-id', requestId);
  // Next.js takes the nonce of its own scripts from here.
  request.headers['content-security-policy'] = headers['content-security-policy'];
}

/** Marks the request's span with the session, and names it for the browser. */
function joinTrace(session: Session | null): string | null {
  const span = trace.getActiveSpan();
  if (span === undefined) return null;
  if (session !== null) span.setAttribute('session.id', session.sessionId);
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}

/** Next.js knows 200, 404 and 500 only, and sets it just before the first byte. */
function replaceStatus(response: ServerResponse, status: number): void {
  const write = response.writeHead.bind(response) as (status: number, ...rest: unknown[]) => ServerResponse;
  response.writeHead = ((_status: number, ...rest: unknown[]) => write(status, ...rest)) as typeof response.writeHead;
}
