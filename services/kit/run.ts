import type { Logger } from '#process/logger';
import { onShutdown } from '#process/shutdown';
import type { ServiceEnv } from './env.ts';
import { flushTelemetry } from './flush.ts';

type Closable = {
  listen: (options: { host: string; port: number }) => Promise<string>;
  close: () => PromiseLike<unknown>;
};

export type RunOptions = {
  server: Closable;
  env: ServiceEnv;
  logger: Logger;
  /** What to end after the server has answered its last request, in this order. */
  stop?: readonly (() => Promise<unknown>)[];
};

/** A database or bus that does not let go must not keep the last telemetry from being sent. */
const stepLimitMs = 1_000;

/** Longest wait for open requests and for connections whose clients keep them. */
const drainLimitMs = 3_500;

/**
 * Listens, and on SIGTERM or SIGINT stops in order: no new requests, open ones finished, then `stop`, then telemetry.
 * @throws Error that names the variable which moves a taken port
 */
export async function runService({ server, env, logger, stop = [] }: RunOptions): Promise<void> {
  try {
    await server.listen({ host: env.host, port: env.port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`port ${env.port} on ${env.host} is taken: set ${env.portVariable} to another`);
    }
    throw error;
  }
  logger.info({ port: env.port }, 'listening');
  onShutdown(logger, async () => {
    await atMost(drainLimitMs, Promise.resolve(server.close()));
    for (const step of stop) await atMost(stepLimitMs, step());
    logger.info('stopped');
    await flushTelemetry(1_000);
  });
}

async function atMost(limitMs: number, work: Promise<unknown>): Promise<void> {
  const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
  await Promise.race([work, limit]);
}
