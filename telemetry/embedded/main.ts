import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { Gauge, Histogram } from 'prom-client';
import { answerHealth, createRegistry, listen, type Readiness } from '#process/health';
import { createLogger } from '#process/logger';
import { onShutdown, runMain } from '#process/shutdown';
import { type Engine, openEngine } from './engine.ts';
import { missingEngineEnv, readEnv } from './env.ts';
import { answerClickHouse, maxHeaderBytes } from './http.ts';
import { threadsNeeded } from './lanes.ts';

/**
 * ClickHouse in process (chDB) behind ClickHouse's HTTP interface: `@clickhouse/client` cannot tell it from a server.
 * Listens on loopback only, whatever the other processes do: there is no password.
 */
runMain('clickhouse', async () => {
  const env = readEnv();
  const engineEnv = missingEngineEnv(threadsNeeded);
  if (engineEnv !== undefined && process.execve !== undefined) {
    process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], engineEnv);
  }
  const logger = createLogger('clickhouse');
  const registry = createRegistry('clickhouse');
  const dataDir = resolve(env.CLICKHOUSE_DATA_DIR);
  mkdirSync(dataDir, { recursive: true });
  const engine = await openEngine(dataDir, (batches) => {
    logger.warn({ batches }, 'batches that a crash cut short were taken out; their senders send them again');
  });
  let stopping = false;
  observeEngine(engine, registry);
  const seconds = new Histogram({
    name: 'clickhouse_request_seconds',
    help: 'Time to answer a request, in seconds',
    labelNames: ['status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers: [registry],
  });
  const readiness = readinessOf(engine, () => stopping);
  const server = createServer({ maxHeaderSize: maxHeaderBytes, requestTimeout: 0 }, (request, response) => {
    const endTimer = seconds.startTimer();
    response.once('close', () => endTimer({ status: String(response.statusCode) }));
    answerHealth(request, response, { registry, readiness })
      .then(async (answered) => {
        if (!answered) await answerClickHouse(request, response, { engine, isStopping: () => stopping });
      })
      .catch((error: unknown) => {
        logger.error({ err: error }, 'request failed');
        response.destroy();
      });
  });
  server.keepAliveTimeout = 30_000;
  await listen(server, { host: '127.0.0.1', port: env.CLICKHOUSE_PORT, variable: 'CLICKHOUSE_PORT' });
  logger.info({ port: env.CLICKHOUSE_PORT, dataDir, version: engine.version }, 'ready');
  onShutdown(logger, async () => {
    stopping = true;
    server.close();
    server.closeIdleConnections();
    await engine.close();
    server.closeAllConnections();
  });
});

function readinessOf(engine: Engine, isStopping: () => boolean): Readiness {
  return async () => {
    if (isStopping()) return { ready: false, reason: 'stopping' };
    const statement = {
      lane: 'health',
      sql: 'SELECT 1',
      data: undefined,
      format: 'TSV',
      database: 'default',
      settings: {},
    } as const;
    await engine.run({ ...statement, signal: AbortSignal.timeout(5_000) });
    return { ready: true };
  };
}

function observeEngine(engine: Engine, registry: ReturnType<typeof createRegistry>): void {
  new Gauge({
    name: 'clickhouse_lane_statements',
    help: 'Statements that run or wait, by lane',
    labelNames: ['lane'],
    registers: [registry],
    collect() {
      for (const [lane, depth] of Object.entries(engine.depths())) this.set({ lane }, depth);
    },
  });
}
