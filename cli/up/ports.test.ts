import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { findTakenPorts } from './ports.ts';

test('a taken port is named together with its process and the variable that moves it; a free one is not', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  expect(await findTakenPorts({ collectors: port }, () => '127.0.0.1')).toEqual([
    `port ${port} (collectors) is taken by another program: set COLLECTORS_PORT to another`,
  ]);
  server.close();
  await once(server, 'close');
  expect(await findTakenPorts({ collectors: port }, () => '127.0.0.1')).toEqual([]);
});
