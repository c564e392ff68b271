import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createConsoleReceiver } from './console.ts';
import type { WebhookPayload } from './payload.ts';
import { createWebhookReceiver } from './webhook.ts';

const payload: WebhookPayload = {
  version: '4',
  groupKey: 'fault/1',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'webhook',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://127.0.0.1:3000',
  alerts: [],
};

let server: Server;
let url: string;
let status = 200;
let received: { path: string; headers: IncomingHttpHeaders; body: unknown }[] = [];

beforeEach(async () => {
  received = [];
  status = 200;
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      if (status !== 0) response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('the webhook gets the page as JSON with its idempotency key', async () => {
  expect(await createWebhookReceiver({ url: `${url}/hook` }).send(payload, 'fault/1/firing/webhook')).toEqual({
    ok: true,
  });
  expect(received).toMatchObject([
    {
      path: '/hook',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'fault/1/firing/webhook' },
      body: payload,
    },
  ]);
});

test('the console gets it at its pager with the shared token', async () => {
  const receiver = createConsoleReceiver({ consoleUrl: url, token: 'secret' });
  expect(await receiver.send(payload, 'key')).toEqual({ ok: true });
  expect(received).toMatchObject([{ path: '/api/pager', headers: { authorization: 'Bearer secret' } }]);
});

test.each([
  [500, true],
  [503, true],
  [429, true],
  [408, true],
  [400, false],
  [404, false],
])('an answer of %i is retryable: %s', async (answer, retryable) => {
  status = answer;
  expect(await createWebhookReceiver({ url }).send(payload, 'key')).toEqual({
    ok: false,
    retryable,
    reason: `answered ${answer}`,
  });
});

test('a redirect is not followed: a page goes where it was told to', async () => {
  status = 302;
  expect(await createWebhookReceiver({ url }).send(payload, 'key')).toMatchObject({ ok: false });
  expect(received).toHaveLength(1);
});

test('silence is given up after the time-out, a refused connection at once; both are worth another try', async () => {
  status = 0;
  expect(await createWebhookReceiver({ url, timeoutMs: 50 }).send(payload, 'key')).toMatchObject({
    ok: false,
    retryable: true,
  });
  const gone = createWebhookReceiver({ url: 'http://127.0.0.1:1/' });
  expect(await gone.send(payload, 'key')).toMatchObject({ ok: false, retryable: true });
});
