import { fastify } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { type FaultAgentOptions, registerFaultAgent } from './fault-agent.ts';

const token = 'a-token-of-the-test';
const headers = { 'x-chaos-token': token, 'content-type': 'application/json' };
const lasting = { ttlSeconds: 60, leaseSeconds: 30 };
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function serve(
  options: Partial<FaultAgentOptions> = {},
): Promise<{ url: string; handled: () => number; logs: string[] }> {
  const logs: string[] = [];
  const app = fastify({ logger: { level: 'trace', stream: { write: (line: string) => logs.push(line) } } });
  let handled = 0;
  registerFaultAgent(app, { enabled: true, token, ...options });
  app.get('/things', async () => {
    handled += 1;
    return { things: handled };
  });
  app.get('/healthz', async () => 'ok');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  closers.push(() => app.close());
  return { url, handled: () => handled, logs };
}

async function inject(url: string, fault: object): Promise<{ id: string; status: number }> {
  const id = crypto.randomUUID();
  const response = await fetch(`${url}/_chaos/faults`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ id, ...lasting, ...fault }),
  });
  return { id, status: response.status };
}

function undo(url: string, id: string): Promise<Response> {
  return fetch(`${url}/_chaos/faults/${id}`, { method: 'DELETE', headers: { 'x-chaos-token': token } });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('an injected error', () => {
  it('answers instead of the handler, in words that do not give it away, until it is undone', async () => {
    const { url, handled, logs } = await serve();
    const { id, status } = await inject(url, { kind: 'error', status: 500 });
    expect(status).toBe(201);
    const failed = await fetch(`${url}/things`);
    expect(failed.status).toBe(500);
    expect(`${await failed.text()}${logs.join('')}`).not.toMatch(new RegExp(`${id}|chaos|inject`, 'i'));
    expect(handled()).toBe(0);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await undo(url, id)).status).toBe(204);
    expect((await fetch(`${url}/things`)).status).toBe(200);
  });

  it('leaves alone the share of requests that is not its own', async () => {
    const draws = [0.1, 0.6, 0.2, 0.9];
    const { url } = await serve({ random: () => draws.shift() ?? 1 });
    await inject(url, { kind: 'error', status: 503, share: 0.5 });
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await fetch(`${url}/things`)).status);
    expect(statuses).toEqual([503, 200, 503, 200]);
  });
});

describe('a hang', () => {
  it('holds requests without running them and ends them when it is undone', async () => {
    const { url, handled } = await serve();
    const { id } = await inject(url, { kind: 'hang' });
    let answered: number | null = null;
    const request = fetch(`${url}/things`).then((response) => {
      answered = response.status;
    });
    await fetch(`${url}/healthz`);
    expect(answered).toBeNull();
    await undo(url, id);
    await request;
    expect(answered).toBe(503);
    expect(handled()).toBe(0);
    expect((await fetch(`${url}/things`)).status).toBe(200);
  });

  it('ends held requests when nobody renews its lease', async () => {
    const { url } = await serve();
    await inject(url, { kind: 'hang', leaseSeconds: 0.2 });
    expect((await fetch(`${url}/things`)).status).toBe(503);
    await until(async () => (await fetch(`${url}/things`)).status === 200);
  });

  it('forgets a request whose client has gone', async () => {
    const { url, handled } = await serve();
    const { id } = await inject(url, { kind: 'hang' });
    await expect(fetch(`${url}/things`, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    await undo(url, id);
    expect((await fetch(`${url}/things`)).status).toBe(200);
    expect(handled()).toBe(1);
  });

  it('does not keep the server from stopping', async () => {
    const { url } = await serve();
    await inject(url, { kind: 'hang' });
    const request = fetch(`${url}/things`).then((response) => response.status);
    await until(async () => (await fetch(`${url}/healthz`)).status === 200);
    await Promise.all(closers.splice(0).map((close) => close()));
    expect(await request.catch(() => 'ended')).toSatisfy((outcome) => outcome === 503 || outcome === 'ended');
  });
});

describe('latency', () => {
  it('is cut short when it is undone, and the request is served', async () => {
    const { url, handled } = await serve();
    const { id } = await inject(url, { kind: 'latency', latencyMs: 60_000 });
    const request = fetch(`${url}/things`);
    await fetch(`${url}/healthz`);
    expect(handled()).toBe(0);
    await undo(url, id);
    expect((await request).status).toBe(200);
  });
});

describe('a crash', () => {
  it('ends the process after the answer is out', async () => {
    let crashes = 0;
    const { url } = await serve({ crash: () => (crashes += 1) });
    expect((await inject(url, { kind: 'crash' })).status).toBe(201);
    await until(async () => crashes === 1);
  });
});

describe('the agent is out of reach', () => {
  const body = JSON.stringify({ id: crypto.randomUUID(), kind: 'error', ...lasting });
  const attempts: [string, Record<string, string>][] = [
    ['without a token', {}],
    ['with a wrong token', { 'x-chaos-token': 'a-token-of-the-tesT' }],
    ['through a proxy', { 'x-chaos-token': token, 'x-forwarded-for': '203.0.113.9' }],
  ];
  for (const [title, given] of attempts) {
    it(title, async () => {
      const { url } = await serve();
      const request = { method: 'POST', headers: { 'content-type': 'application/json', ...given }, body };
      expect((await fetch(`${url}/_chaos/faults`, request)).status).toBe(403);
      expect((await fetch(`${url}/things`)).status).toBe(200);
    });
  }

  it('when the token is empty', async () => {
    const { url } = await serve({ token: '' });
    const request = { method: 'POST', headers: { 'content-type': 'application/json', 'x-chaos-token': '' }, body };
    expect((await fetch(`${url}/_chaos/faults`, request)).status).toBe(403);
  });

  it('when it is not enabled', async () => {
    const { url } = await serve({ enabled: false });
    expect((await fetch(`${url}/_chaos/faults`, { method: 'POST', headers, body })).status).toBe(404);
  });

  it('for a fault without a time to live', async () => {
    const { url } = await serve();
    expect((await inject(url, { kind: 'error', ttlSeconds: undefined })).status).toBe(400);
    expect((await fetch(`${url}/things`)).status).toBe(200);
  });
});
