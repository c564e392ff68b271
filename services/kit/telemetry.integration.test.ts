import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findFreePort } from '#cli/embedded/free-port';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';

/** Everything that a real service exported, by path, as it came: strings and ids are plain bytes in OTLP. */
const received: Record<string, Buffer> = {};
const traceId = randomBytes(16);
const chaosToken = 'a token';
let postgres: TestPostgres;
let receiver: Server;
let service: ChildProcess;
let output = '';
let url: string;

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['catalog', 'bus'] });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      received[path] = Buffer.concat([received[path] ?? Buffer.alloc(0), ...chunks]);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  const endpoint = `http://127.0.0.1:${await listenAnywhere(receiver)}`;
  const port = await findFreePort();
  url = `http://127.0.0.1:${port}`;
  service = spawn(process.execPath, ['--import', './services/kit/telemetry.ts', 'services/catalog/main.ts'], {
    env: {
      NODE_ENV: 'production',
      CATALOG_PORT: String(port),
      CHAOS_ENABLED: 'true',
      CHAOS_TOKEN: chaosToken,
      DATABASE_URL: postgres.url('catalog'),
      BUS_URL: postgres.url('bus'),
      OTEL_SERVICE_NAME: 'catalog',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
    },
  });
  for (const stream of [service.stdout, service.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status, output).toBe(200), {
    timeout: 100_000,
    interval: 200,
  });
  const traceparent = `00-${traceId.toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  await fetch(`${url}/products/BW-0001`, { headers: { traceparent } });
  await fetch(`${url}/products/unknown`, { headers: { traceparent } });
  const change = { traceparent, 'content-type': 'application/json' };
  await fetch(`${url}/products/BW-0001/price`, { method: 'PUT', headers: change, body: '{"priceMinor":1090}' });
});

afterAll(async () => {
  service?.kill('SIGKILL');
  receiver?.close();
  receiver?.closeAllConnections();
  await postgres?.stop();
});

describe('a service with the preload', () => {
  test.each([
    ['/v1/traces', 'GET /products/:id', 'a server span named by its route'],
    ['/v1/traces', 'SELECT products', 'spans of its queries'],
    ['/v1/traces', 'INSERT outbox; COMMIT', 'and of its transactions'],
    ['/v1/metrics', 'http.server.request.duration', 'the duration metric'],
    ['/v1/metrics', '/products/:id', 'with the route'],
    ['/v1/metrics', 'messaging.consumer.lag', 'what its consumers lag behind'],
    ['/v1/metrics', 'messaging.client.sent.messages', 'what it published'],
    ['/v1/traces', 'service.instance.id', 'its identity'],
  ])('sends to %s "%s": %s', async (path, text) => {
    await expect.poll(() => received[path]?.includes(text), { timeout: 60_000 }).toBe(true);
  });

  test.each(['/v1/traces', '/v1/logs'])('goes on with the trace that a request brings, in %s', async (path) => {
    await expect.poll(() => received[path]?.includes(traceId), { timeout: 60_000 }).toBe(true);
  });

  test('writes the trace id into its log lines', () => {
    expect(output).toContain(`"trace_id":"${traceId.toString('hex')}"`);
  });

  test('sends nothing about health checks', () => {
    expect(received['/v1/traces']?.includes('/readyz')).toBe(false);
  });

  test('reports a request that its client gave up as failed, not as answered with 200', async () => {
    const id = crypto.randomUUID();
    const headers = { 'x-chaos-token': chaosToken, 'content-type': 'application/json' };
    const body = JSON.stringify({ id, kind: 'hang', ttlSeconds: 60, leaseSeconds: 60 });
    await fetch(`${url}/_chaos/faults`, { method: 'POST', headers, body });
    await expect(fetch(`${url}/products/BW-0001`, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    await fetch(`${url}/_chaos/faults/${id}`, { method: 'DELETE', headers: { 'x-chaos-token': chaosToken } });
    const reported = () => received['/v1/traces']?.includes('the client left before the answer');
    await expect.poll(reported, { timeout: 60_000 }).toBe(true);
  });

  test('sends what it still holds when it is stopped, and ends with 0', async () => {
    const last = randomBytes(16);
    const traceparent = `00-${last.toString('hex')}-${randomBytes(8).toString('hex')}-01`;
    await fetch(`${url}/products/BW-0002`, { headers: { traceparent } });
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGTERM');
    expect(await ended, output.slice(-1_000)).toBe(0);
    expect(received['/v1/traces']?.includes(last)).toBe(true);
  });
});

function listenAnywhere(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
