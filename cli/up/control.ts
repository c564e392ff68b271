import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Counter, Gauge } from 'prom-client';
import { z } from 'zod';
import { answerHealth, createRegistry } from '#process/health';
import { measureMemory } from './memory.ts';
import type { ProcessView, Supervisor } from './supervisor.ts';

export type StatusReport = { ready: boolean; processes: (ProcessView & { rssBytes: number | null })[] };

const chaosSchema = z.strictObject({
  id: z.string().min(1).max(100),
  kind: z.enum(['crash', 'kill']),
  target: z.string(),
  ttlSeconds: z.number().positive().max(900, 'at most 15 minutes'),
});

type Answer = { status: number; body?: unknown };

export type ControlOptions = {
  /** For what the owner of the instance may do. */
  token: string;
  /** Null when chaos is not enabled: then its addresses do not exist. */
  chaosToken: string | null;
};

/**
 * The supervisor's HTTP interface, for loopback only: `GET /status`, the three of health, with the token
 * `POST /restart/:name`, and, with chaos enabled and its token, `GET`/`POST /chaos` and `DELETE /chaos/:id`.
 */
export function createControlServer(supervisor: Supervisor, { token, chaosToken }: ControlOptions): Server {
  const registry = createMetrics(supervisor);
  const readiness = (): { ready: boolean; reason?: string } => {
    const late = supervisor.view().filter(({ state }) => state !== 'ready' && state !== 'done');
    return late.length === 0
      ? { ready: true }
      : { ready: false, reason: late.map((one) => `${one.name} is ${one.state}`).join(', ') };
  };
  const measure = measureEvery(memoryMaxAgeMs);
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path === '/status' && request.method === 'GET') return { status: 200, body: await report(supervisor, measure) };
    if (path.startsWith('/restart/') && request.method === 'POST') return answerRestart(supervisor, request, token);
    if (chaosToken === null || !/^\/chaos(\/|$)/.test(path)) return { status: 404, body: { error: 'not found' } };
    if (!isToken(request.headers['x-chaos-token'], chaosToken)) {
      return { status: 403, body: { error: 'x-chaos-token is missing or wrong' } };
    }
    return answerChaos(supervisor, request, path);
  };
  return createServer((request, response) => {
    answerHealth(request, response, { registry, readiness })
      .then(async (isAnswered) => (isAnswered ? undefined : send(response, await answer(request))))
      .catch((error: unknown) => {
        if (!response.headersSent) send(response, { status: 500, body: { error: String(error) } });
      });
  });
}

/** Reading the memory maps of a hundred PostgreSQL backends takes a tenth of a second of CPU: not at every question. */
const memoryMaxAgeMs = 5_000;

function measureEvery(maxAgeMs: number): typeof measureMemory {
  let last: { atMs: number; pids: string; memory: Promise<Map<number, number>> } | null = null;
  return (pids) => {
    const key = pids.join(' ');
    if (last === null || last.pids !== key || performance.now() - last.atMs > maxAgeMs) {
      last = { atMs: performance.now(), pids: key, memory: measureMemory(pids) };
    }
    return last.memory;
  };
}

async function report(supervisor: Supervisor, measure: typeof measureMemory): Promise<StatusReport> {
  const processes = supervisor.view();
  const memory = await measure(processes.flatMap(({ pid }) => (pid === null ? [] : [pid])));
  return {
    ready: processes.every(({ state }) => state === 'ready' || state === 'done'),
    processes: processes.map((one) => ({ ...one, rssBytes: one.pid === null ? null : (memory.get(one.pid) ?? null) })),
  };
}

/** `?downtime=true` for a process of which only one can run. */
async function answerRestart(supervisor: Supervisor, request: IncomingMessage, token: string): Promise<Answer> {
  if (!isToken(request.headers.authorization, `Bearer ${token}`)) {
    return { status: 401, body: { error: 'the token is missing or wrong' } };
  }
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://supervisor');
  const name = decodeURIComponent(pathname.slice('/restart/'.length));
  const outcome = await supervisor.restart(name, { downtime: searchParams.get('downtime') === 'true' });
  if (!outcome.ok) return { status: outcome.status, body: { error: outcome.reason } };
  return { status: 200, body: { downSeconds: outcome.downSeconds } };
}

async function answerChaos(supervisor: Supervisor, request: IncomingMessage, path: string): Promise<Answer> {
  const id = decodeURIComponent(path.slice('/chaos/'.length));
  if (request.method === 'GET' && id === '') return { status: 200, body: supervisor.holds.list() };
  if (request.method === 'DELETE' && id !== '') {
    return supervisor.holds.undo(id) ? { status: 204 } : { status: 404, body: { error: `no fault "${id}"` } };
  }
  if (request.method !== 'POST' || id !== '') return { status: 405, body: { error: 'method not allowed' } };
  const parsed = chaosSchema.safeParse(await readJson(request));
  if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
  const outcome = supervisor.holds.apply(parsed.data);
  return outcome.ok ? { status: 201, body: outcome.hold } : { status: outcome.status, body: { error: outcome.reason } };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 10_000) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isToken(given: string | string[] | undefined, expected: string): boolean {
  if (typeof given !== 'string' || given.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function createMetrics(supervisor: Supervisor): ReturnType<typeof createRegistry> {
  const registry = createRegistry('supervisor');
  new Gauge({
    name: 'bellwether_process_ready',
    help: '1 while a process is ready',
    labelNames: ['name'],
    registers: [registry],
    collect() {
      for (const { name, state } of supervisor.view())
        this.set({ name }, state === 'ready' || state === 'done' ? 1 : 0);
    },
  });
  new Counter({
    name: 'bellwether_process_restarts_total',
    help: 'Times that a process died without being told to',
    labelNames: ['name'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, restarts } of supervisor.view()) this.inc({ name }, restarts);
    },
  });
  return registry;
}
