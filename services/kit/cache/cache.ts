import type { Logger } from '#process/logger';
import { createRegion, type Drop, type Region, type RegionOptions } from './region.ts';
import { createRemote, type Invalidation } from './remote.ts';
import { createTally } from './tally.ts';

export type { Region, RegionOptions };

export type CacheOptions = {
  /** Processes that give the same name share what they have in Redis, and hear each other's invalidations. */
  name: string;
  /** Without it every process has what it loaded itself, and invalidates that only. */
  redisUrl?: string | undefined;
  logger: Logger;
  /** Of each region, in this process; 0: every value is loaded, as if there were no cache. */
  maxEntries: number;
  /** Milliseconds since 1970. The clocks of processes that share should agree to within a second or so. */
  now: () => number;
  /** Uniform in [0, 1); for tests. */
  random?: () => number;
  /** Longest wait for Redis in a request. Default 30. */
  redisTimeoutMs?: number;
  /** For how long a Redis that has not answered is not asked. Default 1,000. */
  redisRestMs?: number;
};

export type Cache = {
  /** @throws Error when the cache has a region of that name */
  region: <Value>(options: RegionOptions<Value>) => Region<Value>;
  /** Entries held by this process, and lookups by `<region>.<layer>.<result>`. */
  stats: () => { entries: number; requests: Record<string, number> };
  stop: () => Promise<void>;
};

/**
 * A read-through cache in two layers: an LRU in the process, and Redis for what processes share. Redis is never needed:
 * when it is slow, hangs or is gone, values are loaded, and it is used again when it answers again. How old a value can
 * be: in the process that invalidates never older than the invalidation; in the others the time of a message, or, when
 * messages were lost, until the connection is back; with no way to tell them at all the time to live.
 */
export function createCache(options: CacheOptions): Cache {
  const { name, redisUrl, logger, maxEntries, now, random = Math.random } = options;
  const tally = createTally(name);
  const regions = new Map<string, { drop: Drop; size: () => number }>();
  const remote =
    redisUrl === undefined
      ? null
      : createRemote({
          ...{ url: redisUrl, name, logger },
          timeoutMs: options.redisTimeoutMs ?? 30,
          restMs: options.redisRestMs ?? 1_000,
          onInvalidation: ({ region, keys }: Invalidation) => regions.get(region)?.drop(keys),
          onMissed: () => {
            for (const { drop } of regions.values()) drop(null);
          },
        });
  return {
    region: (regionOptions) => {
      if (regions.has(regionOptions.name)) throw new Error(`cache ${name} has a region ${regionOptions.name} already`);
      const { region, drop, size } = createRegion(regionOptions, { tally, remote, maxEntries, now, random });
      regions.set(regionOptions.name, { drop, size });
      return region;
    },
    stats: () => ({
      entries: [...regions.values()].reduce((total, { size }) => total + size(), 0),
      requests: tally.read(),
    }),
    stop: async () => remote?.stop(),
  };
}
