import type { IncomingMessage, ServerResponse } from 'node:http';
import { hashRequest } from '#telemetry/rows';
import { readBody } from '../body.ts';
import { MalformedError } from '../otlp/malformed.ts';
import type { Receiver, ReceiverContext } from '../receiver.ts';
import { asRefusal, Refusal } from '../refusal.ts';
import { allowsOrigin, type FaroApp } from './apps.ts';
import { type FaroRequest, readFaroRequest } from './decode.ts';
import { createRateLimit, type FaroRates, type RateLimit } from './rate-limit.ts';

export const faroPath = '/collect';

export type FaroOptions = {
  apps: readonly FaroApp[];
  /** Limit of a body, before and after decompression. */
  maxBodyBytes: number;
  rates: FaroRates;
};

type FaroContext = ReceiverContext & FaroOptions & { rateLimit: RateLimit };

/**
 * `POST /collect` with the app's key in `x-api-key`, or `POST /collect/<key>`: what the Faro Web SDK sends. 202 once it is
 * stored, spans included. Errors are problem details (RFC 9457), and pages of an allowed origin can read them.
 */
export function createFaroReceiver(context: ReceiverContext, options: FaroOptions): Receiver {
  const faro: FaroContext = { ...context, ...options, rateLimit: createRateLimit(options.rates, context.clock) };
  return async (request, response) => {
    try {
      if (request.method === 'OPTIONS') {
        answerPreflight(request, response, faro);
        return;
      }
      await accept(request, faro);
      response.writeHead(202, corsHeaders(request, faro)).end();
    } catch (error) {
      refuse(request, response, { error, context: faro });
    }
  };
}

async function accept(request: IncomingMessage, context: FaroContext): Promise<void> {
  const app = admit(request, context);
  const body = await readBody(request, context.maxBodyBytes);
  context.reserve(body.length);
  try {
    context.intake.received('rum', body.length);
    const decoded = decode(body, app.name, context.clock());
    const decodedAtMs = performance.now();
    await store(decoded, app, { body, context });
    const seconds = (performance.now() - decodedAtMs) / 1_000;
    context.intake.accepted('rum', decoded.rows.length, seconds);
    if (decoded.spans.length > 0) context.intake.accepted('traces', decoded.spans.length, seconds);
  } finally {
    context.release(body.length);
  }
}

/** Everything that can be said before the body is read. @throws Refusal */
function admit(request: IncomingMessage, { apps, rateLimit }: FaroContext): FaroApp {
  if (request.method !== 'POST') throw new Refusal('method', `${request.method} is not allowed here: use POST`);
  const app = findApp(request, apps);
  if (app === undefined) throw new Refusal('unknown_key', 'no app has this key: see FARO_APPS');
  if (!allowsOrigin(app, request.headers.origin)) {
    const origin = request.headers.origin === undefined ? 'a request without origin' : request.headers.origin;
    throw new Refusal('origin', `${origin.slice(0, 200)} may not report to ${app.name}: see FARO_APPS`);
  }
  const session = request.headers['x-faro-session-id'];
  const waitSeconds = rateLimit.take({
    app: app.name,
    address: request.socket.remoteAddress ?? '',
    session: typeof session === 'string' ? session.slice(0, 128) : '',
  });
  if (waitSeconds !== null) throw new Refusal('rate_limited', 'too many requests: send this one later', waitSeconds);
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Refusal('content_type', 'expected application/json');
  return app;
}

function findApp(request: IncomingMessage, apps: readonly FaroApp[]): FaroApp | undefined {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const inPath = path.startsWith(`${faroPath}/`) ? path.slice(faroPath.length + 1) : '';
  const key = inPath === '' ? request.headers['x-api-key'] : inPath;
  return apps.find((app) => app.key === key);
}

function decode(body: Buffer, app: string, nowMs: number): FaroRequest {
  try {
    return readFaroRequest(body, app, nowMs);
  } catch (error) {
    if (error instanceof MalformedError) throw new Refusal('malformed', error.message);
    throw error;
  }
}

/** Each part is known by its own hash: of a request that was stored in part, the retry stores the rest. */
async function store(
  { rows, spans }: FaroRequest,
  app: FaroApp,
  { body, context }: { body: Buffer; context: FaroContext },
): Promise<void> {
  const identity = Buffer.concat([Buffer.from(`${app.name}\n`), body]);
  const outcomes = await Promise.allSettled([
    context.store.appendRum(rows, hashRequest('rum', identity)),
    context.store.appendTraces(spans, hashRequest('traces', identity)),
  ]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** What the SDK sends with every request, and what tracing adds to all that a page sends. */
const allowedHeaders =
  'content-type, content-encoding, x-api-key, x-faro-session-id, idempotency-key, traceparent, tracestate';

function answerPreflight(request: IncomingMessage, response: ServerResponse, context: FaroContext): void {
  const cors = corsHeaders(request, context);
  if (cors['access-control-allow-origin'] === undefined) {
    throw new Refusal('origin', 'no app has pages of this origin: see FARO_APPS');
  }
  response
    .writeHead(204, {
      ...cors,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': allowedHeaders,
      'access-control-max-age': '7200',
    })
    .end();
}

/** A preflight has no key yet: the origin of any app will do, and the request itself is asked for its own. */
function corsHeaders(request: IncomingMessage, { apps }: FaroContext): Record<string, string> {
  const { origin } = request.headers;
  const vary = { vary: 'origin' };
  if (origin === undefined || !apps.some((app) => allowsOrigin(app, origin))) return vary;
  return { ...vary, 'access-control-allow-origin': origin, 'access-control-expose-headers': 'retry-after' };
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { error, context }: { error: unknown; context: FaroContext },
): void {
  const refusal = asRefusal(error);
  context.intake.refused('rum', refusal.reason);
  if (refusal.reason === 'internal') context.logger.error({ err: error, signal: 'rum' }, 'request failed');
  else context.logger.warn({ signal: 'rum', reason: refusal.reason, detail: refusal.message }, 'request refused');
  if (response.headersSent || response.destroyed) return;
  response
    .writeHead(refusal.status, {
      'content-type': 'application/problem+json',
      ...corsHeaders(request, context),
      ...refusal.headers(request),
    })
    .end(JSON.stringify({ status: refusal.status, code: refusal.reason, title: refusal.message }));
}
