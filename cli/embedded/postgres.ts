import path from 'node:path';
import { createLogger } from '#process/logger';
import { onShutdown, runMain } from '#process/shutdown';
import { startCluster } from './cluster.ts';
import { readEnv } from './env.ts';
import { createRoles, databaseSpecs } from './roles.ts';

runMain('postgres', async () => {
  const env = readEnv();
  const logger = createLogger('postgres');
  const address = { host: env.BELLWETHER_HOST, port: env.POSTGRES_PORT };
  const cluster = await startCluster({
    ...address,
    dataDir: path.resolve(env.POSTGRES_DATA_DIR),
    password: env.POSTGRES_PASSWORD,
    durable: true,
    onLog: (line) => logger.info({ source: 'postgresql' }, line),
  });
  let isStopping = false;
  onShutdown(logger, async () => {
    isStopping = true;
    await cluster.stop();
  });
  void cluster.exited.then(() => {
    if (isStopping) return;
    logger.error({ postmaster: cluster.pid }, 'the postmaster died');
    process.exit(1);
  });
  await createRoles({
    host: connectHost(address.host),
    port: address.port,
    password: env.POSTGRES_PASSWORD,
    specs: databaseSpecs,
    passwords: env.POSTGRES_ROLE_PASSWORDS,
  });
  logger.info({ ...address, postmaster: cluster.pid }, 'ready');
});

function connectHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
