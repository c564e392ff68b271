import next from 'next';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { runService } from '#services/kit/run';
import { createStatelessServer } from '#services/kit/service';
import { readEnv, type StorefrontEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { addPages } from './pages.ts';
import { addPictures } from './pictures/route.ts';
import { createSessionKeeper } from './session.ts';
import type { Visit } from './visit.ts';

/** Longest wait for an answer but a checkout's, in milliseconds: the gateway gives up a little earlier. */
const timeoutMs = 2_500;

runMain(manifest.name, async () => {
  const env = readEnv();
  const logger = createLogger(manifest.name);
  const dev = process.argv.includes('--dev');
  const server = await createStatelessServer({ manifest, env, logger });
  const gateway = createClient({ peer: 'gateway', baseUrl: env.GATEWAY_URL, timeoutMs });
  const web = next({ dev, dir: import.meta.dirname, hostname: env.host, port: env.port, httpServer: server.server });
  const render = web.getRequestHandler();
  await web.prepare();
  addPictures(server);
  addPages(server, {
    gateway,
    sessions: createSessionKeeper({ gateway, now: Date.now }),
    render,
    reporting: reportingOf(env),
    publicUrl: env.STOREFRONT_PUBLIC_URL,
    loopback: ['127.0.0.1', '::1', 'localhost'].includes(env.host),
    dev,
  });
  await runService({ server, env, logger, stop: [() => web.close()] });
});

function reportingOf({ FARO_URL: url, FARO_KEY: appKey }: StorefrontEnv): Visit['reporting'] {
  return url === undefined || appKey === undefined ? null : { url, appKey, version: manifest.version };
}
