import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '#process/logger';

/** Redis is not connected, or has not answered lately and is left alone for a while. */
class RedisAwayError extends Error {
  override readonly name = 'RedisAwayError';
}

export type Link = {
  /** @throws RedisAwayError at once when Redis is away; Error when it does not answer in time or refuses */
  run: <Reply>(command: (redis: Redis) => Promise<Reply>) => Promise<Reply>;
  /** Changes whenever a connection has ended: what was known of Redis before may not be true of it now. */
  epoch: () => number;
  stop: () => void;
};

export type LinkOptions = {
  url: string;
  /** Shown in `CLIENT LIST`. */
  name: string;
  logger: Logger;
  /** Longest wait for one answer. */
  timeoutMs: number;
  /** For how long Redis is not asked after three failures in a row, before one command tries again. */
  restMs: number;
};

/**
 * Nothing waits for a connection or is sent a second time: a command without an answer is a failed one. A connection on
 * which an answer is overdue by a second is given up, since the other end may be gone without having said so.
 */
export const connectionOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  socketTimeout: 1_000,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000) + Math.random() * 100,
} satisfies RedisOptions;

/** A connection for commands that keeps a dying Redis from being felt: short waits, and a breaker that ends them. */
export function createLink({ url, name, logger, timeoutMs, restMs }: LinkOptions): Link {
  const redis = new Redis(url, { ...connectionOptions, connectionName: name });
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: restMs, breaker: new ConsecutiveBreaker(3) });
  breaker.onBreak(() => logger.warn({ restMs }, 'Redis does not answer: it is not asked for a while'));
  breaker.onReset(() => logger.info('Redis answers again'));
  let epoch = 0;
  let connected = false;
  redis.on('error', (error) => {
    // One line for an outage: each attempt to connect fails like the first.
    if (connected || epoch === 0) logger.warn({ err: error }, 'the connection to Redis has failed');
    connected = false;
  });
  redis.on('ready', () => {
    connected = true;
  });
  redis.on('close', () => {
    epoch += 1;
  });
  return {
    run: async (command) => {
      // While one command tries whether Redis is back, the breaker would let the others wait for the outcome.
      if (redis.status !== 'ready' || breaker.state === CircuitState.HalfOpen) throw new RedisAwayError();
      try {
        return await breaker.execute(() => inTime(timeoutMs, command(redis)));
      } catch (error) {
        throw error instanceof BrokenCircuitError ? new RedisAwayError() : error;
      }
    },
    epoch: () => epoch,
    stop: () => redis.disconnect(),
  };
}

/** @throws Error when there is no reply within the limit */
function inTime<Reply>(limitMs: number, reply: Promise<Reply>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const expire = (): void => reject(new Error(`Redis has not answered within ${limitMs} ms`));
    // After a pause of this process the timer is the first to run; the answer that is waiting on the socket comes next.
    const timer = setTimeout(() => setImmediate(expire), limitMs);
    reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
