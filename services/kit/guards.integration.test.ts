import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { allDone } from './after-answer.ts';
import { createClient } from './fetch.ts';
import { recordSpans } from './recorded-spans.ts';

const spans = recordSpans();
let server: Server;
let baseUrl: string;
let requests = 0;
let status = 200;
/** Answers that are held back, while `hold` is set. */
let held: ServerResponse[] = [];
let hold = false;

beforeAll(async () => {
  server = createServer((_request, response) => {
    requests += 1;
    if (hold) held.push(response);
    else response.writeHead(status).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  requests = 0;
  status = 200;
  held = [];
  hold = false;
  await allDone();
  spans.reset();
});

test('a service that fails every call gets a fifth more of them, not twice as many', async () => {
  status = 503;
  const client = createClient({ peer: 'down', baseUrl, timeoutMs: 5_000, breaker: 'none' });
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: 60 }, () => client.get('/x')));
  await Promise.all(Array.from({ length: 60 }, () => client.get('/x')));
  expect(requests).toBeGreaterThan(120);
  // And the retry a second that every client has, of which it begins with ten.
  expect(requests).toBeLessThanOrEqual(120 + 24 + 10 + (performance.now() - startedAtMs) / 1_000);
});

test('more calls at once than there are places wait, and more than that are refused without counting against the peer', async () => {
  hold = true;
  const breaker = { threshold: 0.1, size: 4, minimumCalls: 1, openMs: 60_000 };
  const client = createClient({ peer: 'slow', baseUrl, timeoutMs: 5_000, concurrency: 2, breaker });
  const calls = Array.from({ length: 6 }, () =>
    client.get('/x').then(
      (answer) => answer.status,
      (error) => error.reason,
    ),
  );
  await expect.poll(() => held.length).toBe(2);
  hold = false;
  for (const response of held) response.writeHead(200).end('{}');
  expect((await Promise.all(calls)).sort()).toEqual([200, 200, 200, 200, 'bulkhead_full', 'bulkhead_full']);
  expect(requests).toBe(4);
  await allDone();
  expect(spans.getFinishedSpans()).toHaveLength(4);
  expect((await client.get('/x')).status).toBe(200);
});
