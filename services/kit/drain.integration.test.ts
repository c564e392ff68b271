import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { drain, keepConnections } from './drain.ts';

let server: Server;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

/** A server that answers when it is told to, and at once after that. */
async function serve(): Promise<{ ask: () => Promise<IncomingMessage>; answer: () => void; arrived: Promise<void> }> {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  server = createServer((_request, response) => {
    arrived.resolve();
    void released.promise.then(() => response.end('answer'));
  }).listen(0, '127.0.0.1');
  keepConnections(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = async (): Promise<IncomingMessage> => {
    const [response] = (await once(request({ port, agent }).end(), 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response;
  };
  return { ask, answer: released.resolve, arrived: arrived.promise };
}

test('a request on a connection that was kept is answered, with word that it was the last; then all is closed', async () => {
  const { ask, answer } = await serve();
  answer();
  expect((await ask()).headers).toMatchObject({
    connection: 'keep-alive',
    'keep-alive': 'timeout=5',
  });
  const drained = drain(server, new AbortController().signal);
  expect(server.listening).toBe(false);
  const last = await ask();
  expect(last).toMatchObject({ statusCode: 200, headers: { connection: 'close' } });
  await drained;
  await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('what has been begun is finished', async () => {
  const { ask, answer, arrived } = await serve();
  const asked = ask();
  await arrived;
  const drained = drain(server, new AbortController().signal);
  answer();
  expect((await asked).statusCode).toBe(200);
  agent.destroy();
  await drained;
});

test('hurry ends the wait for connections that are kept', async () => {
  const { ask, answer } = await serve();
  answer();
  await ask();
  const hurry = new AbortController();
  const drained = drain(server, hurry.signal);
  hurry.abort();
  await drained;
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
});
