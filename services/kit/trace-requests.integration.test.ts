import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allDone } from './after-answer.ts';
import { type Client, createClient } from './fetch.ts';
import { recordSpans } from './recorded-spans.ts';
import type { Server } from './server.ts';
import { createTestServer } from './test-service.ts';

const spans = recordSpans();
const outside = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const headers = { traceparent: `00-${outside.traceId}-${outside.spanId}-01` };
let app: Server;
let url: string;

beforeEach(async () => {
  await allDone();
  spans.reset();
  app = await createTestServer({ name: 'test', description: '', version: '1.0.0' });
  let itself: Client | undefined;
  app.get('/things/:id', async () => ({}));
  app.post('/things', async () => (await itself?.get('/things/7'))?.body);
  app.get('/broken', async () => {
    throw new Error('a bug');
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  itself = createClient({ peer: 'itself', baseUrl: url, timeoutMs: 5_000 });
});

afterEach(() => app.close());

describe('a request', () => {
  test('has a server span in the trace that it brings, named by its route', async () => {
    await fetch(`${url}/things/9?word=secret&page=2`, { headers });
    const { name, attributes, parentSpanContext, status } = await findServer('GET /things/:id');
    expect(parentSpanContext).toMatchObject(outside);
    expect(attributes).toMatchObject({
      ...{ 'http.request.method': 'GET', 'http.route': '/things/:id', 'http.response.status_code': 200 },
      ...{ 'url.scheme': 'http', 'url.path': '/things/9', 'url.query': 'word&page' },
    });
    expect({ name, status }).toEqual({ name: 'GET /things/:id', status: { code: SpanStatusCode.UNSET } });
  });

  test('with a body has what it calls beneath its span', async () => {
    const json = { ...headers, 'content-type': 'application/json' };
    await fetch(`${url}/things`, { method: 'POST', headers: json, body: '{"some":"thing"}' });
    const outer = await findServer('POST /things');
    const inner = await findServer('GET /things/:id');
    await allDone();
    const call = spans.getFinishedSpans().find(({ kind }) => kind === SpanKind.CLIENT);
    expect(call?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
    expect(inner.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
    expect(inner.spanContext().traceId).toBe(outside.traceId);
  });

  test.each([
    ['/nope', 'GET', { 'http.response.status_code': 404 }, SpanStatusCode.UNSET],
    ['/broken', 'GET /broken', { 'http.response.status_code': 500, 'error.type': '500' }, SpanStatusCode.ERROR],
    ['/%zz', 'GET', { 'http.response.status_code': 400 }, SpanStatusCode.UNSET],
  ])('to %s leaves a span %s with its outcome', async (path, name, outcome, code) => {
    await fetch(`${url}${path}`);
    const { attributes, status } = await findServer(name);
    expect(attributes).toMatchObject(outcome);
    expect(status.code).toBe(code);
  });

  test('for health leaves none', async () => {
    await fetch(`${url}/readyz`);
    await fetch(`${url}/things/1`);
    await findServer('GET /things/:id');
    await allDone();
    expect(spans.getFinishedSpans()).toHaveLength(1);
  });
});

async function findServer(name: string): Promise<ReadableSpan> {
  const found = () => spans.getFinishedSpans().find((span) => span.kind === SpanKind.SERVER && span.name === name);
  await expect.poll(found).toBeDefined();
  return found() as ReadableSpan;
}
