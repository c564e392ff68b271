import type { FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import { LRUCache } from 'lru-cache';
import type { Link } from '#services/kit/cache/link';

/** Counts one more in the window that the first one opened: how many there are, and milliseconds to its end. */
const countScript = `
  local count = redis.call('INCR', KEYS[1])
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 then
    left = tonumber(ARGV[1])
    redis.call('PEXPIRE', KEYS[1], left)
  end
  return {count, left}`;

type Count = { current: number; ttl: number };

export type RateLimitStoreOptions = {
  /** To a Redis that other instances count in too; without it each counts by itself. */
  link: Link | undefined;
  /** Clients that are kept in mind; the one that has not come for longest is forgotten. */
  maxClients: number;
  /** Milliseconds; of any clock that does not go back. */
  now: () => number;
};

/**
 * Where requests are counted: in Redis and here. What Redis says is what counts; when it does not answer, the count of this
 * instance does, which has gone on meanwhile. So an outage lets nobody begin anew, and closes the shop to nobody.
 */
export function createRateLimitStore({ link, maxClients, now }: RateLimitStoreOptions): FastifyRateLimitStoreCtor {
  const windows = new LRUCache<string, { current: number; endsMs: number }>({ max: maxClients });

  function countHere(key: string, windowMs: number): Count {
    const nowMs = now();
    const open = windows.get(key);
    const isOpen = open !== undefined && nowMs < open.endsMs;
    const next = isOpen ? { ...open, current: open.current + 1 } : { current: 1, endsMs: nowMs + windowMs };
    windows.set(key, next);
    return { current: next.current, ttl: next.endsMs - nowMs };
  }

  async function count(key: string, windowMs: number): Promise<Count> {
    const here = countHere(key, windowMs);
    if (link === undefined) return here;
    try {
      const [current, ttl] = (await link.run((redis) =>
        redis.eval(countScript, 1, `gateway-rate:${key}`, windowMs),
      )) as [number, number];
      return { current, ttl };
    } catch {
      // The link says in the log that Redis is away.
      return here;
    }
  }

  return class {
    incr(key: string, done: (error: Error | null, result?: Count) => void, windowMs: number): void {
      count(key, windowMs).then((result) => done(null, result), done);
    }

    child(): this {
      return this;
    }
  };
}
