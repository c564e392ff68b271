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
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CountBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  handleWhenResult,
  type NoopPolicy,
  noop,
  type RetryPolicy,
  retry,
} from 'cockatiel';
import { type Caller, callerHeaders } from './caller.ts';
import { reasonOf, UnansweredError } from './downstream.ts';

export type Answer = { status: number; headers: Headers; body: unknown };

export type CallOptions = {
  body?: unknown;
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
  timeoutMs: number;
  /** Repetitions of an idempotent call that was refused, broken off or answered 502, 503 or 504. Default 1. */
  retries?: number;
  /** `none` for callers that go on asking whatever happens. */
  breaker?: BreakerOptions | 'none';
};

export type BreakerOptions = {
  /** Share of failures among the last `size` calls at which calls are refused. */
  threshold: number;
  size: number;
  minimumCalls: number;
  /** For how long, before one call is let through to try. */
  openMs: number;
};

const defaultBreaker: BreakerOptions = { threshold: 0.6, size: 40, minimumCalls: 15, openMs: 2_000 };
const tracer = trace.getTracer('bellwether/fetch');
const duration = metrics.getMeter('bellwether/fetch').createHistogram('http.client.request.duration', {
  description: 'Duration of HTTP client requests.',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
});

/**
 * An HTTP client for one service: JSON, time-out, retries with jitter, circuit breaker, one client span per attempt with
 * the W3C context handed on. A call without an answer (refused, timed out, kept back by the breaker) leaves a span with
 * status error and no response status, which counts against the service called.
 */
export function createClient(options: ClientOptions): Client {
  const breaker = options.breaker === 'none' ? noop : buildBreaker(options.breaker ?? defaultBreaker);
  const repeat = buildRetry(options.retries ?? 1);
  const call =
    (method: string): Call =>
    (path, callOptions = {}) => {
      const attempt = (resend: number): Promise<Answer> =>
        traced({ client: options, method, path, callOptions, resend }, breaker);
      const idempotent = callOptions.idempotent ?? method !== 'POST';
      return idempotent ? repeat.execute((retryContext) => attempt(retryContext.attempt)) : attempt(0);
    };
  return { peer: options.peer, get: call('GET'), post: call('POST'), put: call('PUT'), delete: call('DELETE') };
}

/** 502 and 504 say that somebody behind the service called has failed: refusing calls to it would hide who. */
function isFailure(status: number): boolean {
  return status >= 500 && status !== 502 && status !== 504;
}

function buildBreaker({ threshold, size, minimumCalls, openMs }: BreakerOptions): CircuitBreakerPolicy {
  const failed = handleWhen((error) => error instanceof UnansweredError).orWhenResult(
    (answer) => isAnswer(answer) && isFailure(answer.status),
  );
  const breaker = new CountBreaker({ threshold, size, minimumNumberOfCalls: minimumCalls });
  return circuitBreaker(failed, { halfOpenAfter: openMs, breaker });
}

function buildRetry(maxAttempts: number): RetryPolicy {
  const worthwhile = handleWhenResult((answer) => isAnswer(answer) && [502, 503, 504].includes(answer.status)).orWhen(
    (error) => error instanceof UnansweredError && (error.reason === 'refused' || error.reason === 'reset'),
  );
  return retry(worthwhile, { maxAttempts, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 }) });
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'status' in value;
}

type Attempt = { client: ClientOptions; method: string; path: string; callOptions: CallOptions; resend: number };

async function traced(attempt: Attempt, breaker: CircuitBreakerPolicy | NoopPolicy): Promise<Answer> {
  const { client, method, path, resend } = attempt;
  const url = new URL(path, client.baseUrl);
  const attributes: Attributes = {
    'peer.service': client.peer,
    'http.request.method': method,
    'server.address': url.hostname,
    'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
  };
  const span = tracer.startSpan(`${method} ${client.peer}`, {
    kind: SpanKind.CLIENT,
    attributes: { ...attributes, 'url.full': `${url.origin}${url.pathname}` },
  });
  if (resend > 0) span.setAttribute('http.request.resend_count', resend);
  const startMs = performance.now();
  let outcome: Attributes = {};
  try {
    const answer = await context.with(trace.setSpan(context.active(), span), () =>
      breaker.execute(() => send(attempt, url)),
    );
    outcome = noteAnswer(span, answer.status);
    return answer;
  } catch (error) {
    const unanswered =
      error instanceof BrokenCircuitError ? new UnansweredError(client.peer, 'breaker_open', { cause: error }) : error;
    outcome = noteFailure(span, unanswered);
    throw unanswered;
  } finally {
    span.end();
    duration.record((performance.now() - startMs) / 1000, { ...attributes, ...outcome });
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

async function send({ client, method, callOptions }: Attempt, url: URL): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json', ...callOptions.headers };
  if (callOptions.caller !== undefined) Object.assign(headers, callerHeaders(callOptions.caller));
  if (callOptions.body !== undefined) headers['content-type'] = 'application/json';
  propagation.inject(context.active(), headers);
  // Outside of the try: a request that cannot be made is this service's mistake, not a peer that does not answer.
  const init: RequestInit = {
    method,
    headers,
    body: callOptions.body === undefined ? undefined : JSON.stringify(callOptions.body),
    signal: AbortSignal.timeout(Math.ceil(callOptions.timeoutMs ?? client.timeoutMs)),
    redirect: 'error',
  };
  try {
    const response = await fetch(url, init);
    const text = await response.text();
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
