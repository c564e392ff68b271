import { timingSafeEqual } from 'node:crypto';
// Knows `schema.hide`, which keeps the agent out of the service's OpenAPI document.
import type {} from '@fastify/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { agentFaultSchema, createFaultTable, type FaultTable, type RequestEffect } from './fault-table.ts';

export type FaultAgentOptions = {
  /** False: nothing is registered at all, `/_chaos` answers 404 like any unknown path. */
  enabled: boolean;
  /** Shared with the controller; compared in constant time. */
  token: string;
  /** Monotonic milliseconds. */
  clock?: () => number;
  /** Uniform in [0, 1): decides which requests belong to a fault's share. */
  random?: () => number;
  /** Ends the process at once, as a crash would. */
  crash?: () => void;
};

type Held = { release: () => void };

const untouched = /^\/(healthz|readyz|metrics|_chaos)(\/|\?|$)/;
const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const idSchema = z.object({ id: z.uuid() });

/**
 * Lets the chaos controller hurt this process's ordinary requests: before their handler, but inside their server span,
 * so that the damage is seen where real damage would be. What it does carries no mark: neither answers nor logs tell
 * an injected failure from a real one. Health checks, metrics and the agent itself are never touched.
 */
export function registerFaultAgent(app: FastifyInstance, options: FaultAgentOptions): void {
  if (!options.enabled) return;
  const table = createFaultTable({
    clock: options.clock ?? performance.now.bind(performance),
    random: options.random ?? Math.random,
  });
  const held = new Set<Held>();
  const releaseUnlessActive = (): void => {
    const kinds = new Set(table.list().map((fault) => fault.kind));
    if (!kinds.has('hang') && !kinds.has('latency')) for (const request of held) request.release();
  };
  const sweep = setInterval(() => table.expire() && releaseUnlessActive(), 100);
  sweep.unref();
  app.addHook('preClose', async () => {
    clearInterval(sweep);
    table.clear();
    releaseUnlessActive();
  });
  app.addHook('onRequest', (request, reply, done) => {
    const effect = request.is404 || untouched.test(request.url) ? null : table.decide();
    if (effect === null) done();
    else strike({ request, reply, effect, held, proceed: done });
  });
  addRoutes(app, { options, table, releaseUnlessActive });
}

type Strike = {
  request: FastifyRequest;
  reply: FastifyReply;
  effect: RequestEffect;
  held: Set<Held>;
  proceed: () => void;
};

function strike({ request, reply, effect, held, proceed }: Strike): void {
  const finish = (): void => {
    if (effect.errorStatus === null) proceed();
    else fail(reply, effect.errorStatus);
  };
  if (effect.hang) hold({ request, held, released: () => fail(reply, 503) });
  else if (effect.delayMs > 0) hold({ request, held, released: finish, delayMs: effect.delayMs });
  else finish();
}

/** Keeps a request until it is released, its delay is over or its client has gone. */
function hold(options: { request: FastifyRequest; held: Set<Held>; released: () => void; delayMs?: number }): void {
  const { request, held, released, delayMs } = options;
  const { socket } = request;
  const leave = (): void => {
    clearTimeout(timer);
    held.delete(entry);
    socket.off('close', leave);
  };
  const entry: Held = {
    release: () => {
      leave();
      released();
    },
  };
  const timer = delayMs === undefined ? undefined : setTimeout(entry.release, delayMs);
  held.add(entry);
  socket.on('close', leave);
}

function fail(reply: FastifyReply, status: number): void {
  const title = status === 503 ? 'Service Unavailable' : 'Internal Server Error';
  reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, code: status === 503 ? 'unavailable' : 'internal' }));
}

type Routes = { options: FaultAgentOptions; table: FaultTable; releaseUnlessActive: () => void };

function addRoutes(app: FastifyInstance, { options, table, releaseUnlessActive }: Routes): void {
  const crash = options.crash ?? (() => process.kill(process.pid, 'SIGKILL'));
  const guard = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> =>
    isAllowed(request, options.token) ? undefined : reply.code(403).send({ status: 403, title: 'Forbidden' });
  // Silent, because the service's log is telemetry too: a line here would give an injected fault away.
  const route = { logLevel: 'silent', onRequest: guard, schema: { hide: true } } as const;

  app.post('/_chaos/faults', route, async (request, reply) => {
    const parsed = agentFaultSchema.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ status: 400, title: z.prettifyError(parsed.error) });
    if (parsed.data.kind === 'crash') reply.raw.once('finish', crash);
    else table.put(parsed.data);
    return reply.code(201).send({ id: parsed.data.id });
  });
  app.get('/_chaos/faults', route, async () => ({ faults: table.list() }));
  app.put('/_chaos/faults/:id/lease', route, async (request, reply) => {
    const renewed = table.renew(idSchema.parse(request.params).id);
    return renewed ? { renewed } : reply.code(404).send({ status: 404, title: 'No such fault' });
  });
  app.delete('/_chaos/faults/:id', route, async (request, reply) => {
    const removed = table.remove(idSchema.parse(request.params).id);
    releaseUnlessActive();
    return removed ? reply.code(204).send() : reply.code(404).send({ status: 404, title: 'No such fault' });
  });
}

/** Only this machine, only directly (no proxy in between), only with the token. */
function isAllowed(request: FastifyRequest, token: string): boolean {
  const given = Buffer.from(String(request.headers['x-chaos-token'] ?? ''));
  const expected = Buffer.from(token);
  const direct = loopback.has(request.socket.remoteAddress ?? '') && request.headers['x-forwarded-for'] === undefined;
  return direct && token !== '' && given.length === expected.length && timingSafeEqual(given, expected);
}
