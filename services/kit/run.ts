import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#process/logger';
import { onShutdown } from '#process/shutdown';
import { drain } from './drain.ts';
import type { ServiceEnv } from './env.ts';
import { flushTelemetry } from './flush.ts';

type Closable = {
  server: Server;
  listen: (options: { host: string; port: number; fd?: number }) => Promise<string>;
  close: () => PromiseLike<unknown>;
  inject: (path: string) => PromiseLike<{ statusCode: number }>;
};

export type RunOptions = {
  server: Closable;
  env: ServiceEnv;
  logger: Logger;
  /** Servers of the same process that listen already. */
  alongside?: readonly Server[];
  /** What to end after the server has answered its last request, in this order. */
  stop?: readonly (() => Promise<unknown>)[];
};

/** A database or bus that does not let go must not keep the last telemetry from being sent. */
const stepLimitMs = 1_000;

/** Longest wait for open requests and for connections whose clients keep them. */
const drainLimitMs = 3_500;

/**
 * Listens, and on SIGTERM or SIGINT stops in order: no new requests, open ones finished, then `stop`, then telemetry.
 * On SIGUSR2 connections are drained first, so that no client notices. Tells the supervisor when it is ready.
 * @throws Error that names the variable which moves a taken port
 */
export async function runService({ server, env, logger, alongside = [], stop = [] }: RunOptions): Promise<void> {
  try {
    const [fd] = env.sockets;
    await server.listen({ host: env.host, port: env.port, ...(fd !== undefined && { fd }) });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`port ${env.port} on ${env.host} is taken: set ${env.portVariable} to another`);
    }
    throw error;
  }
  logger.info({ port: env.port }, 'listening');
  onShutdown(logger, async (hurry) => {
    await Promise.all([server.server, ...alongside].map((one) => drain(one, hurry)));
    await atMost(drainLimitMs, Promise.resolve(server.close()));
    for (const step of stop) await atMost(stepLimitMs, step());
    logger.info('stopped');
    await flushTelemetry(1_000);
  });
  while ((await server.inject('/readyz')).statusCode !== 200) await sleep(100);
  process.send?.('ready');
}

async function atMost(limitMs: number, work: Promise<unknown>): Promise<void> {
  const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
  await Promise.race([work, limit]);
}
