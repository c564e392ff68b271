import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';

export type Readiness = () => Promise<{ ready: boolean; reason?: string }> | { ready: boolean; reason?: string };

/** A prom-client registry with the Node.js default metrics, labelled with the process's name. */
export function createRegistry(processName: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process: processName });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * Answers `/healthz` (alive), `/readyz` (200, or 503 with a reason) and `/metrics` (Prometheus text).
 * @returns true when the request was one of the three and has been answered
 */
export async function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  { registry, readiness }: { registry: Registry; readiness: Readiness },
): Promise<boolean> {
  const path = (request.url ?? '').split('?')[0];
  if (path === '/healthz') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
  } else if (path === '/readyz') {
    const state = await readiness();
    response.writeHead(state.ready ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(state));
  } else if (path === '/metrics') {
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
  } else {
    return false;
  }
  return true;
}

/** A small HTTP server for a process that has no other: health, readiness and metrics only. */
export function createHealthServer(options: { registry: Registry; readiness: Readiness }): Server {
  return createServer((request, response) => {
    answerHealth(request, response, options).then(
      (answered) => answered || response.writeHead(404).end(),
      () => response.writeHead(500).end(),
    );
  });
}

/**
 * Listens, or explains which variable moves a port that is taken.
 * @param fd an inherited socket that is bound to the port already
 * @throws Error `port 4318 on 127.0.0.1 is taken: set COLLECTORS_PORT to another`
 */
export function listen(
  server: Server,
  { host, port, variable, fd }: { host: string; port: number; variable: string; fd?: number | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' ? new Error(`port ${port} on ${host} is taken: set ${variable} to another`) : error,
      );
    });
    server.listen(fd === undefined ? { port, host } : { fd }, resolve);
  });
}
