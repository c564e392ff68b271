import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import next from 'next';
import { Gauge } from 'prom-client';
import { answerHealth, createRegistry, listen } from '#process/health';
import { createLogger } from '#process/logger';
import { checkHost } from '#process/same-origin';
import { securityHeaders } from '#process/security-headers';
import { onShutdown, runMain } from '#process/shutdown';
import { readBasicUser } from './_security/basic-auth.ts';
import { openDatabase } from './_server/database.ts';
import { type AppEnv, isLoopback, readEnv } from './env.ts';

/**
 * Guards a request before Next.js sees it: which Host, whose password, which headers.
 * @returns true when it has been answered (refused)
 */
function refuse(request: IncomingMessage, response: ServerResponse, env: AppEnv, dev: boolean): boolean {
  const host = checkHost(request.headers.host ?? null, { loopback: isLoopback(env) });
  if (!host.ok) {
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end(`Refused: ${host.reason}.\n`);
    return true;
  }
  // The name is set here alone: what a client claims about itself must not become the author of a decision.
  delete request.headers['x-bellwether-user'];
  const isPager = request.url?.split('?')[0] === '/api/pager';
  if (env.BELLWETHER_ADMIN_PASSWORD !== undefined && !isPager) {
    const user = readBasicUser(request.headers.authorization, env.BELLWETHER_ADMIN_PASSWORD);
    if (user === null) {
      response
        .writeHead(401, { 'www-authenticate': 'Basic realm="Bellwether", charset="UTF-8"' })
        .end('A user name (any) and the password in BELLWETHER_ADMIN_PASSWORD are required.\n');
      return true;
    }
    request.headers['x-bellwether-user'] = encodeURIComponent(user);
  }
  const nonce = randomBytes(16).toString('base64');
  // Mantine sets CSS variables on elements.
  const headers = securityHeaders({ nonce, dev, inlineStyles: true });
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  request.headers['content-security-policy'] = headers['content-security-policy'];
  request.headers['x-nonce'] = nonce;
  return false;
}

runMain('app', async () => {
  const env = readEnv();
  const logger = createLogger('app');
  const dev = process.argv.includes('--dev');
  const database = openDatabase(env.DATABASE_URL);
  const registry = createRegistry('app');
  let connections = 0;
  new Gauge({
    name: 'bellwether_app_connections',
    help: 'Open HTTP connections, live streams included',
    registers: [registry],
    collect() {
      this.set(connections);
    },
  });
  const readiness = async (): Promise<{ ready: boolean; reason?: string }> =>
    (await database.ping()) ? { ready: true } : { ready: false, reason: 'Postgres does not answer' };

  const server = createServer((request, response) => {
    answerHealth(request, response, { registry, readiness })
      .then((answered) => (answered || refuse(request, response, env, dev) ? undefined : handle(request, response)))
      .catch((error: unknown) => {
        logger.error({ err: error }, 'request failed');
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
  });
  server.on('connection', (socket) => {
    connections += 1;
    socket.on('close', () => {
      connections -= 1;
    });
  });
  const web = next({ dev, dir: '.', hostname: env.BELLWETHER_HOST, port: env.APP_PORT, httpServer: server });
  const handle = web.getRequestHandler();
  await web.prepare();
  await listen(server, { host: env.BELLWETHER_HOST, port: env.APP_PORT, variable: 'APP_PORT' });
  logger.info({ port: env.APP_PORT, dev }, 'console listening');
  onShutdown(logger, async () => {
    server.close();
    server.closeAllConnections();
    await Promise.allSettled([web.close(), database.close()]);
  });
});
