import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePort } from '#cli/embedded/free-port';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
}, 120_000);

afterAll(async () => {
  await store?.stop();
});

type Collectors = { url: string; child: ChildProcess; output: () => string };

async function startCollectors(environment: Record<string, string>): Promise<Collectors> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { COLLECTORS_PORT: String(port), ...environment } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const url = `http://127.0.0.1:${port}`;
  while (child.exitCode === null && !(await fetch(`${url}/healthz`).catch(() => undefined))?.ok) await delay(50);
  return { url, child, output: () => output };
}

function postTrace(url: string, service: string, traceId: string): Promise<Response> {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const span = { traceId, spanId: traceId.slice(0, 16), name: 'x', startTimeUnixNano: `${Date.now()}000000` };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  return fetch(`${url}/v1/traces`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

test('a process told to stop ends by itself, and every request that it acknowledged is stored', async () => {
  const { url, child } = await startCollectors({ CLICKHOUSE_URL: store.url });
  expect((await postTrace(url, 'leaving', '1'.repeat(32))).status).toBe(200);
  const atHand = [2, 3, 4].map((digit) => postTrace(url, 'leaving', String(digit).repeat(32)));
  // The writer waits a moment for more to come: by then the requests are read and the process is told to stop.
  await delay(40);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const answers = await Promise.allSettled(atHand);
  expect(await exited).toEqual([0, null]);
  const acknowledged =
    1 + answers.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 200).length;
  const query = "SELECT count() AS n FROM otel_traces WHERE ServiceName = 'leaving'";
  const stored = await (await store.client.query({ query, format: 'JSONEachRow' })).json<{ n: string }>();
  expect(Number(stored[0]?.n)).toBeGreaterThanOrEqual(acknowledged);
});

/** The value of the series that has these labels, whatever others it has. */
function readMetric(text: string, name: string, labels: Record<string, string>): number | undefined {
  const line = text
    .split('\n')
    .find(
      (each) =>
        each.startsWith(`${name}{`) &&
        Object.entries(labels).every(([key, value]) => each.includes(`${key}="${value}"`)),
    );
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

test('what was received, accepted and refused is told on /metrics, and readiness follows the store', async () => {
  const { url, child } = await startCollectors({ CLICKHOUSE_URL: store.url, COLLECTORS_MAX_BODY_BYTES: '2048' });
  try {
    await postTrace(url, 'counted', '5'.repeat(32));
    await fetch(`${url}/v1/traces`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } });
    await fetch(`${url}/v1/logs`, {
      method: 'POST',
      body: 'x'.repeat(3_000),
      headers: { 'content-type': 'application/json' },
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(readMetric(metrics, 'collectors_accepted_items_total', { signal: 'traces' })).toBe(1);
    expect(readMetric(metrics, 'collectors_refused_requests_total', { signal: 'traces', reason: 'malformed' })).toBe(1);
    expect(readMetric(metrics, 'collectors_refused_requests_total', { signal: 'logs', reason: 'too_large' })).toBe(1);
    expect(readMetric(metrics, 'collectors_store_seconds_count', { signal: 'traces' })).toBe(1);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await store.kill();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  } finally {
    await store.restart();
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
});

test('every bad variable is named at once', async () => {
  const { child, output } = await startCollectors({ COLLECTORS_PORT: 'http', CLICKHOUSE_URL: 'nowhere' });
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(1);
  expect(output()).toMatch(/COLLECTORS_PORT/);
  expect(output()).toMatch(/CLICKHOUSE_URL/);
});
