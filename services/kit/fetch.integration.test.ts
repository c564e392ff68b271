import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findFreePort } from '#cli/embedded/free-port';
import { allDone } from './after-answer.ts';
import type { UnansweredReason } from './downstream.ts';
import { type Client, createClient } from './fetch.ts';
import { recordSpans } from './recorded-spans.ts';

type Behaviour = (response: ServerResponse) => void;

const spans = recordSpans();
const nobody = `http://127.0.0.1:${await findFreePort()}`;
const seen: { method: string; headers: Record<string, unknown> }[] = [];
let behaviour: Behaviour;
let server: Server;
let baseUrl: string;

const answer =
  (status: number, body: unknown = {}): Behaviour =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', headers: request.headers });
    behaviour(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  await allDone();
  spans.reset();
  seen.length = 0;
  behaviour = answer(200, { ok: true });
});

function client(options: Partial<Parameters<typeof createClient>[0]> = {}): Client {
  return createClient({ peer: 'payments', baseUrl, timeoutMs: 5_000, ...options });
}

async function clientSpans(): Promise<ReadableSpan[]> {
  await allDone();
  return spans.getFinishedSpans().filter((span) => span.kind === SpanKind.CLIENT);
}

test('a time-out worked out from a budget need not be a whole number of milliseconds', async () => {
  const answered = await client().get('/x', { timeoutMs: 0.28 * 4_300 });
  expect(answered).toMatchObject({ status: 200, body: { ok: true } });
});

describe('a call that gets no answer leaves a client span with status error and no response status', () => {
  const cases: {
    reason: UnansweredReason;
    options?: Partial<Parameters<typeof createClient>[0]>;
    behave: Behaviour;
  }[] = [
    { reason: 'timeout', options: { timeoutMs: 60 }, behave: () => {} },
    { reason: 'reset', behave: (response) => response.destroy() },
    { reason: 'refused', options: { baseUrl: nobody }, behave: answer(200) },
  ];
  test.each(cases)('$reason', async ({ reason, options, behave }) => {
    behaviour = behave;
    await expect(client({ ...options, retries: 0 }).get('/x')).rejects.toMatchObject({ reason, peer: 'payments' });
    const [span] = await clientSpans();
    expect(span?.status.code).toBe(SpanStatusCode.ERROR);
    expect(span?.attributes).toMatchObject({ 'peer.service': 'payments', 'error.type': reason });
    expect(span?.attributes).not.toHaveProperty('http.response.status_code');
  });

  test('kept back by the breaker', async () => {
    behaviour = answer(500);
    const breaker = { threshold: 0.5, size: 4, minimumCalls: 4, openMs: 60_000 };
    const calling = client({ breaker, retries: 0 });
    for (let call = 0; call < 4; call += 1) await calling.get('/x');
    await allDone();
    spans.reset();
    await expect(calling.get('/x')).rejects.toMatchObject({ reason: 'breaker_open', status: 502 });
    expect(seen).toHaveLength(4);
    expect((await clientSpans())[0]?.attributes).toMatchObject({
      'peer.service': 'payments',
      'error.type': 'breaker_open',
    });
    expect((await clientSpans())[0]?.status.code).toBe(SpanStatusCode.ERROR);
  });
});

test('a time-out holds up to the last byte of the answer', async () => {
  behaviour = (response) => response.writeHead(200).write('{"half":');
  await expect(client({ timeoutMs: 60, retries: 0 }).get('/x')).rejects.toMatchObject({ reason: 'timeout' });
});

describe('the breaker', () => {
  const breaker = { threshold: 0.5, size: 4, minimumCalls: 4, openMs: 1 };

  test('lets a call through to try after a while, and closes when it succeeds', async () => {
    behaviour = answer(500);
    const calling = client({ breaker, retries: 0 });
    for (let call = 0; call < 4; call += 1) await calling.get('/x');
    behaviour = answer(200);
    await expect
      .poll(
        () =>
          calling.get('/x').then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBe(200);
    expect((await calling.get('/x')).status).toBe(200);
  });

  test.each([402, 404, 409, 502, 504])('does not count %i: the service called works', async (status) => {
    behaviour = answer(status);
    const calling = client({ breaker: { ...breaker, openMs: 60_000 }, retries: 0 });
    for (let call = 0; call < 12; call += 1) expect((await calling.get('/x')).status).toBe(status);
  });
});

describe('retries', () => {
  const failingOnce = (): Behaviour => {
    let calls = 0;
    return (response) => {
      calls += 1;
      answer(calls === 1 ? 503 : 200)(response);
    };
  };

  test('repeat an idempotent call, and the span says so', async () => {
    behaviour = failingOnce();
    expect((await client().get('/x')).status).toBe(200);
    expect((await clientSpans()).map((span) => span.attributes['http.request.resend_count'])).toEqual([undefined, 1]);
  });

  test('repeat a POST that has certainly not arrived, and none that may have', async () => {
    await expect(client({ baseUrl: nobody }).post('/x', { body: {} })).rejects.toMatchObject({ reason: 'refused' });
    expect(await clientSpans()).toHaveLength(2);
    behaviour = (response) => response.destroy();
    await expect(client().post('/x', { body: {} })).rejects.toMatchObject({ reason: 'reset' });
    expect(seen).toHaveLength(1);
  });

  test('never repeat a POST that was answered, unless it is known to be idempotent', async () => {
    behaviour = failingOnce();
    expect((await client().post('/x', { body: {} })).status).toBe(503);
    behaviour = failingOnce();
    expect((await client().post('/x', { body: {}, idempotent: true })).status).toBe(200);
  });

  test('do not repeat a time-out: the time is spent', async () => {
    behaviour = () => {};
    await expect(client({ timeoutMs: 60, retries: 3 }).get('/x')).rejects.toMatchObject({ reason: 'timeout' });
    expect(seen).toHaveLength(1);
  });

  test('end, with the last answer', async () => {
    behaviour = answer(503);
    expect((await client({ retries: 2 }).get('/x')).status).toBe(503);
    expect(seen).toHaveLength(3);
  });
});

test('an answered refusal is not an error of the call', async () => {
  behaviour = answer(409, { code: 'out_of_stock' });
  expect(await client().get('/x')).toMatchObject({ status: 409, body: { code: 'out_of_stock' } });
  expect((await clientSpans())[0]?.status.code).toBe(SpanStatusCode.UNSET);
});

test('trace context and the caller go along', async () => {
  const caller = { sessionId: 's-1', device: 'phone', channel: null, userId: null };
  await trace.getTracer('test').startActiveSpan('outer', async (outer) => {
    await client().get('/x', { caller });
    outer.end();
  });
  const [inner] = await clientSpans();
  const { traceId, spanId } = inner?.spanContext() ?? {};
  expect(inner?.parentSpanContext?.spanId).toBeDefined();
  expect(seen[0]?.headers).toMatchObject({
    traceparent: `00-${traceId}-${spanId}-01`,
    'x-session-id': 's-1',
    'x-device': 'phone',
  });
  expect(seen[0]?.headers).not.toHaveProperty('x-channel');
});
