import {
  type Attributes,
  context,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { BrokenCircuitError } from 'cockatiel';
import { hidePersonal } from '#process/privacy';
import { afterAnswer } from './after-answer.ts';
import { type Caller, callerHeaders } from './caller.ts';
import { timeoutHeader } from './deadline.ts';
import { reasonOf, UnansweredError } from './downstream.ts';
import { type BreakerOptions, createGuards, type Guards } from './guards.ts';
import { notePositions, positionHeader, positionHeaders } from './replica/carried.ts';

export type Answer = { status: number; headers: Headers; body: unknown };

export type CallOptions = {
  body?: unknown;
  /** Instead of a body: fields of a form as they were sent. */
  form?: string;
  headers?: Record<string, string>;
  /** On whose behalf; passed on as headers. */
  caller?: Caller;
  /** Limit of one attempt, up to the last byte of the answer. Default: the client's. */
  timeoutMs?: number;
  /** A POST may be repeated only when the other side knows a repetition (idempotency key). Default: by method. */
  idempotent?: boolean;
};

type Call = (path: string, options?: CallOptions) => Promise<Answer>;

/** Each call resolves with whatever status was answered and rejects with `UnansweredError` when none was. */
export type Client = { peer: string; get: Call; post: Call; put: Call; delete: Call };

export type ClientOptions = {
  /** Name of the service called: `peer.service` of the client spans. */
  peer: string;
  baseUrl: string;
  /** Of the service called, where several run: `peer.version` of spans and metrics. */
  version?: string | undefined;
  timeoutMs: number;
  /** Repetitions of a call that was refused, or that is idempotent and was broken off or answered 502, 503 or 504. Default 1. */
  retries?: number;
  /** `none` for callers that go on asking whatever happens. */
  breaker?: BreakerOptions | 'none';
  /** Calls at once. Default 64. */
  concurrency?: number;
};

const defaultBreaker: BreakerOptions = { threshold: 0.6, size: 40, minimumCalls: 15, openMs: 2_000 };
const tracer = trace.getTracer('bellwether/fetch');
/** Of durations of requests, in seconds, as the Semantic Conventions for HTTP advise. */
export const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const duration = metrics.getMeter('bellwether/fetch').createHistogram('http.client.request.duration', {
  description: 'Duration of HTTP client requests.',
  unit: 's',
  advice: { explicitBucketBoundaries: durationBuckets },
});

/**
 * An HTTP client for one service: JSON, time-out within the deadline of the request that is being answered, retries with
 * budget and jitter, bulkhead, circuit breaker, one client span per attempt with the W3C context handed on. A call without an answer (refused, timed out, kept back by the breaker) leaves a span with
 * status error and no response status, which counts against the service called.
 */
export function createClient(options: ClientOptions): Client {
  const { peer, retries = 1, breaker = defaultBreaker, concurrency = 64 } = options;
  const guards = createGuards({ peer, retries, breaker, concurrency });
  const call =
    (method: string): Call =>
    (path, callOptions = {}) => {
      // Refused here (no place, no time) is not asked: it leaves no span, and does not count against the peer.
      const attempt = (resend: number): Promise<Answer> =>
        guards.bulkhead(async () => {
          const timeoutMs = guards.limit(callOptions.timeoutMs ?? options.timeoutMs);
          return traced({ client: options, method, path, callOptions, timeoutMs, resend }, guards.breaker);
        });
      return guards.repeat(attempt, { idempotent: callOptions.idempotent ?? method !== 'POST' });
    };
  return { peer: options.peer, get: call('GET'), post: call('POST'), put: call('PUT'), delete: call('DELETE') };
}

type Attempt = {
  client: ClientOptions;
  method: string;
  path: string;
  callOptions: CallOptions;
  timeoutMs: number;
  resend: number;
};

async function traced(attempt: Attempt, breaker: Guards['breaker']): Promise<Answer> {
  const { client, method, path, resend } = attempt;
  const url = new URL(path, client.baseUrl);
  const attributes: Attributes = {
    'peer.service': client.peer,
    ...(client.version !== undefined && { 'peer.version': client.version }),
    'http.request.method': method,
    'server.address': url.hostname,
    'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
  };
  const span = tracer.startSpan(`${method} ${client.peer}`, { kind: SpanKind.CLIENT });
  const startMs = performance.now();
  const end = (note: () => Attributes): void => {
    const endMs = performance.now();
    afterAnswer(() => {
      span.setAttributes({ ...attributes, 'url.full': `${url.origin}${hidePersonal(url.pathname)}` });
      if (resend > 0) span.setAttribute('http.request.resend_count', resend);
      const outcome = note();
      span.end(endMs);
      duration.record((endMs - startMs) / 1_000, { ...attributes, ...outcome });
    });
  };
  try {
    const answer = await context.with(trace.setSpan(context.active(), span), () => breaker(() => send(attempt, url)));
    end(() => noteAnswer(span, answer.status));
    return answer;
  } catch (error) {
    const unanswered =
      error instanceof BrokenCircuitError ? new UnansweredError(client.peer, 'breaker_open', { cause: error }) : error;
    end(() => noteFailure(span, unanswered));
    throw unanswered;
  }
}

/** A 4xx is an answer that the caller deals with (declined, out of stock, not found), not a failure. */
function noteAnswer(span: Span, status: number): Attributes {
  const outcome: Attributes = { 'http.response.status_code': status };
  if (status >= 400) outcome['error.type'] = String(status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttributes(outcome);
  return outcome;
}

function noteFailure(span: Span, error: unknown): Attributes {
  const outcome = { 'error.type': error instanceof UnansweredError ? error.reason : 'unknown' };
  span.setAttributes(outcome);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
  return outcome;
}

async function send({ client, method, callOptions, timeoutMs }: Attempt, url: URL): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json', ...callOptions.headers, ...positionHeaders() };
  if (callOptions.caller !== undefined) Object.assign(headers, callerHeaders(callOptions.caller));
  if (callOptions.body !== undefined) headers['content-type'] = 'application/json';
  if (callOptions.form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
  headers[timeoutHeader] = String(Math.floor(timeoutMs));
  propagation.inject(context.active(), headers);
  // Outside of the try: a request that cannot be made is this service's mistake, not a peer that does not answer.
  const init: RequestInit = {
    method,
    headers,
    body: callOptions.form ?? (callOptions.body === undefined ? undefined : JSON.stringify(callOptions.body)),
    signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    redirect: 'manual',
  };
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    notePositions(response.headers.get(positionHeader));
    return { status: response.status, headers: response.headers, body: parseBody(text) };
  } catch (error) {
    throw new UnansweredError(client.peer, reasonOf(error), { cause: error });
  }
}

function parseBody(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
