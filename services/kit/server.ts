import swagger from '@fastify/swagger';
import { context } from '@opentelemetry/api';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { defaultPorts, type ProcessName, portVariable } from '#process/addresses';
import type { Readiness } from '#process/health';
import type { Logger } from '#process/logger';
import { readTimeout, timeoutHeader, withDeadline } from './deadline.ts';
import { keepConnections } from './drain.ts';
import { registerFaultAgent } from './fault-agent.ts';
import { addUsedSchemas } from './openapi.ts';
import { DomainError, type Problem, problem, problemContentType, problemOfUnknown } from './problem.ts';
import { answerPositions, carryPositions, positionHeader } from './replica/carried.ts';
import { defaultLimits, limitOptions, type RequestLimits, refuseLongUrl } from './request-limits.ts';
import { refuseUnstorable } from './text.ts';
import { traceRequest, traceRequests } from './trace-requests.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** On the monotonic clock. */
    arrivedAtMs: number;
  }
}

export type ServerOptions = {
  name: string;
  description: string;
  version: string;
  logger: Logger;
  registry: Registry;
  readiness: Readiness;
  /** The fault agent is there only when enabled. */
  chaos: { enabled: boolean; token: string };
  limits?: RequestLimits;
};

export type Server = Awaited<ReturnType<typeof createServer>>;

/**
 * An HTTP server with what every service has: zod-typed routes, OpenAPI, problem documents, health, metrics, a span
 * for each request, the fault agent. Add routes to it, then hand it to `runService`.
 */
export async function createServer({ limits = defaultLimits, ...options }: ServerOptions) {
  const app = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    ...limitOptions(limits),
    // What the router refuses comes to no error handler.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      context.with(traceRequest(request, reply), () => sendProblem(request, reply, problemOf(error, request)));
    },
    requestIdHeader: false,
    genReqId: ({ headers }) => readRequestId(headers['x-request-id']) ?? crypto.randomUUID(),
    forceCloseConnections: 'idle',
  }).withTypeProvider<ZodTypeProvider>();
  keepConnections(app.server);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  traceRequests(app as never);
  app.decorateRequest('arrivedAtMs', 0);
  app.addHook('onRequest', (request, reply, done) => {
    request.arrivedAtMs = performance.now();
    reply.header('x-request-id', request.id);
    refuseLongUrl(request.url, limits);
    done();
  });
  app.addHook('preValidation', keepDeadline);
  app.addHook('preValidation', async (request) => refuseUnstorable(request));
  app.addHook('preValidation', (request, _reply, done) => carryPositions(request.headers[positionHeader], done));
  app.addHook('onSend', async (_request, reply) => {
    const positions = answerPositions();
    if (positions !== null) reply.header(positionHeader, positions);
  });
  app.addHook('onResponse', logResponse);
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, problemOf(error, request)));
  app.setNotFoundHandler((request, reply) => {
    const detail = `There is nothing at ${request.method} ${request.url.split('?')[0]}.`;
    return sendProblem(request, reply, problem({ code: 'not_found', status: 404, detail }));
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: options.name, description: options.description, version: options.version },
      servers: listServers(options.name),
    },
    transform: jsonSchemaTransform,
    transformObject: addUsedSchemas,
  });
  addHealth(app, options);
  registerFaultAgent(app as never, options.chaos);
  return app;
}

/** Where the service is on the machine that runs all of them: a port that a variable of its name moves. */
function listServers(name: string): { url: string; variables: Record<string, { default: string }> }[] {
  const [known, port] = Object.entries(defaultPorts).find(([process]) => process === name) ?? [];
  if (known === undefined) return [];
  const variable = portVariable(known as ProcessName);
  return [{ url: `http://127.0.0.1:{${variable}}`, variables: { [variable]: { default: String(port) } } }];
}

/** It is logged and handed on: nothing but a UUID is taken from outside. */
function readRequestId(header: string | string[] | undefined): string | undefined {
  return z.uuid().safeParse(header).data;
}

/** After the body was read: what reads it runs outside of the request's context. */
function keepDeadline(request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
  const timeoutMs = readTimeout(request.headers[timeoutHeader]);
  const leftMs = timeoutMs === null ? null : timeoutMs - (performance.now() - request.arrivedAtMs);
  if (leftMs === null) done();
  else if (leftMs > 0) withDeadline(leftMs, done);
  else done(new DomainError('deadline_exceeded', 504, 'Whoever asked does not wait any more.'));
}

type HealthApp = {
  get: (
    path: string,
    options: { logLevel: 'silent'; schema: { hide: boolean } },
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  ) => unknown;
};

function addHealth(app: HealthApp, { registry, readiness }: ServerOptions): void {
  const hidden = { logLevel: 'silent', schema: { hide: true } } as const;
  app.get('/healthz', hidden, async () => ({ status: 'ok' }));
  app.get('/readyz', hidden, async (_request, reply) => {
    const state = await readiness();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  app.get('/metrics', hidden, async (_request, reply) => {
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
}

/** Reads that went well are in the traces; a line is written for the rest. */
async function logResponse(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const durationMs = Math.round(reply.elapsedTime);
  const line = { method: request.method, route: request.routeOptions.url, status: reply.statusCode, durationMs };
  if (reply.statusCode >= 500) request.log.error(line, 'request failed');
  else if (request.method !== 'GET' || reply.statusCode >= 400) request.log.info(line, 'request');
}

function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof DomainError) {
    if (error.status >= 500) request.log.error({ err: error, cause: error.cause }, 'request failed');
    return problem({ code: error.code, status: error.status, detail: error.message, extra: error.extra });
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((issue) => ({ path: issue.instancePath, message: issue.message ?? 'invalid' }));
    const where = (error as FastifyError).validationContext ?? 'request';
    const detail = `Not as expected in ${where}: ${errors.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')}`;
    return problem({ code: 'validation_failed', status: 400, detail, extra: { errors } });
  }
  const document = problemOfUnknown(error);
  if (document.status >= 500) request.log.error({ err: error }, 'unexpected error');
  return document;
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, document: Problem): FastifyReply {
  const { retryAfterSeconds } = document;
  if (typeof retryAfterSeconds === 'number') reply.header('retry-after', String(retryAfterSeconds));
  return reply
    .code(document.status)
    .header('content-type', problemContentType)
    .serializer(JSON.stringify)
    .send({ ...document, requestId: request.id });
}
