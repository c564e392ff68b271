import type { ServerResponse } from 'node:http';
import {
  type Attributes,
  type Context,
  context,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hidePersonal } from '#process/privacy';
import { afterAnswer } from './after-answer.ts';
import { durationBuckets } from './fetch.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What this request's spans, log lines and calls belong to. */
    traceContext: Context;
  }
}

/** Health, metrics, the load's control and whatever begins with an underscore: not what customers ask for. */
const untraced = /^\/(healthz|readyz|metrics|load|_[a-z]+)(\/|\?|$)/;

/** What web servers log for a request whose client left before the answer. */
const clientClosedRequest = 499;

const tracer = trace.getTracer('bellwether/server');
const duration = metrics.getMeter('bellwether/server').createHistogram('http.server.request.duration', {
  description: 'Duration of HTTP server requests.',
  unit: 's',
  advice: { explicitBucketBoundaries: durationBuckets },
});

/**
 * A server span and a measured duration for every request (Semantic Conventions for HTTP, stable), which goes on with the
 * trace that the request brings. By Fastify's hooks: the instrumentation of `node:http` wraps each listener of each request
 * and response, which took about half of the time that telemetry took of a request. To be called before other hooks are added.
 */
export function traceRequests(app: Pick<FastifyInstance, 'addHook' | 'decorateRequest'>): void {
  app.decorateRequest('traceContext');
  app.addHook('onRequest', (request, reply, done) => context.with(traceRequest(request, reply), done));
  // What reads the body, and what writes the answer, runs outside of the request's context.
  app.addHook('preValidation', (request, _reply, done) => context.with(request.traceContext, done));
  app.addHook('onResponse', (request, _reply, done) => context.with(request.traceContext, done));
}

/** Begins the span of a request, which ends with its answer. */
export function traceRequest(request: FastifyRequest, reply: FastifyReply): Context {
  request.traceContext = untraced.test(request.url) ? suppressTracing(ROOT_CONTEXT) : begin(request, reply.raw);
  return request.traceContext;
}

function begin(request: FastifyRequest, response: ServerResponse): Context {
  const startMs = performance.now();
  const { method, headers, protocol } = request;
  const route = request.routeOptions.url;
  const parent = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer.startSpan(route === undefined ? method : `${method} ${route}`, { kind: SpanKind.SERVER }, parent);
  response.once('close', () => {
    const endMs = performance.now();
    // Others may still be waiting for theirs.
    afterAnswer(() => {
      const known: Attributes = {
        'http.request.method': method,
        'url.scheme': protocol,
        ...(route !== undefined && { 'http.route': route }),
      };
      span.setAttributes({ ...known, ...describeRequest(request) });
      const outcome = describeOutcome(span, response);
      span.end(endMs);
      duration.record((endMs - startMs) / 1_000, { ...known, ...outcome });
    });
  });
  return trace.setSpan(parent, span);
}

/** What people may have typed into an address or called their software is not for the trace; names of parameters are. */
function describeRequest({ url, headers }: FastifyRequest): Attributes {
  const [path = '', query] = url.split('?', 2);
  return {
    'url.path': hidePersonal(path),
    ...(query !== undefined && { 'url.query': hidePersonal([...new URLSearchParams(query).keys()].join('&')) }),
    ...(headers['user-agent'] !== undefined && { 'user_agent.original': hidePersonal(headers['user-agent']) }),
  };
}

/**
 * A request that is given up by its client would otherwise be reported as answered, with the default status 200: a
 * service that hangs would look healthy.
 */
function describeOutcome(span: Span, response: ServerResponse): Attributes {
  const status = response.writableFinished ? response.statusCode : clientClosedRequest;
  const outcome: Attributes = { 'http.response.status_code': status };
  if (status >= 500 || status === clientClosedRequest) outcome['error.type'] = String(status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  if (status === clientClosedRequest)
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'the client left before the answer' });
  span.setAttributes(outcome);
  return outcome;
}
