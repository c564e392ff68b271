import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startTestRedis, type TestRedis } from '#cli/embedded/test-redis';
import { createLogger } from '#process/logger';
import { type Cache, type CacheOptions, createCache, type Region } from './cache.ts';

const logger = createLogger('test');
logger.level = 'silent';
/** Waits are for slow machines, not a measure of anything. */
const patient = { timeout: 60_000, interval: 20 };
let redis: TestRedis;
let names = 0;
let caches: Cache[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});

afterEach(async () => {
  await Promise.all(caches.map((cache) => cache.stop()));
  caches = [];
});

afterAll(() => redis?.stop());

type Peer = { cache: Cache; region: Region<string | null> };

/** What is stored, and how often it was asked for. */
type Truth = { value: string | null; loads: number };

/** A process's cache; Redis may take its time unless the test is about that. Jitter and early renewal are off. */
function openPeer(name: string, options: Partial<CacheOptions> = {}): Peer {
  const common = { redisUrl: redis.url, logger, maxEntries: 100, now: Date.now, random: () => 0 };
  const cache = createCache({ name, ...common, redisTimeoutMs: 5_000, redisRestMs: 100, ...options });
  caches.push(cache);
  const schema = z.string();
  return { cache, region: cache.region<string | null>({ name: 'r', ttlSeconds: 300, negativeTtlSeconds: 60, schema }) };
}

function read({ region }: Peer, truth: Truth, key = 'a'): Promise<string | null> {
  return region.get(key, async () => {
    truth.loads += 1;
    return truth.value;
  });
}

/** Waits until what the writer stores reaches the reader through Redis, on both of their connections. */
async function untilShared(writer: Peer, reader: Peer): Promise<void> {
  await vi.waitFor(async () => {
    const key = `probe-${crypto.randomUUID()}`;
    const truth: Truth = { value: 'x', loads: 0 };
    await read(writer, truth, key);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await read(reader, truth, key);
    expect(truth.loads).toBe(1);
    await writer.region.invalidate([key]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await read(reader, truth, key);
    expect(truth.loads).toBe(2);
  }, patient);
}

async function openPair(options: Partial<CacheOptions> = {}): Promise<[Peer, Peer]> {
  names += 1;
  const pair: [Peer, Peer] = [openPeer(`pair-${names}`, options), openPeer(`pair-${names}`, options)];
  await untilShared(...pair);
  await untilShared(pair[1], pair[0]);
  return pair;
}

/** Reads through the peer until Redis has what it loaded. */
async function fill(peer: Peer, other: Peer, truth: Truth): Promise<void> {
  await read(peer, truth);
  await vi.waitFor(async () => {
    const before = truth.loads;
    await read(other, truth);
    expect(truth.loads).toBe(before);
  }, patient);
}

describe('processes that share a Redis', () => {
  test.each(['value', null])('load %s once between them', async (value) => {
    const [one, two] = await openPair();
    const truth: Truth = { value, loads: 0 };
    await fill(one, two, truth);
    expect(truth.loads).toBe(1);
    const { requests } = two.cache.stats();
    expect(requests[value === null ? 'r.redis.negative' : 'r.redis.hit']).toBeGreaterThan(0);
  });

  test.each(['one key', 'all keys'])('hear of each other that %s changed', async (extent) => {
    const [one, two] = await openPair();
    const truth: Truth = { value: 'old', loads: 0 };
    await fill(one, two, truth);
    truth.value = 'new';
    await (extent === 'one key' ? one.region.invalidate(['a']) : one.region.clear());
    expect(await read(one, truth)).toBe('new');
    await vi.waitFor(async () => expect(await read(two, truth)).toBe('new'), patient);
  });

  test('do not store for the others what was read before one of them invalidated it', async () => {
    const [one, two] = await openPair();
    const begun = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<string>();
    const slow = one.region.get('a', () => {
      begun.resolve();
      return finished.promise;
    });
    await begun.promise;
    await two.region.invalidate(['a']);
    finished.resolve('old');
    await slow;
    const truth: Truth = { value: 'new', loads: 0 };
    expect(await read(two, truth)).toBe('new');
    await vi.waitFor(async () => expect(await read(one, truth)).toBe('new'), patient);
  });

  test('forget what they hold when they could not hear for a while', async () => {
    const [one, two] = await openPair();
    const truth: Truth = { value: 'old', loads: 0 };
    await fill(one, two, truth);
    const admin = new Redis(redis.url);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    truth.value = 'new';
    await one.region.invalidate(['a']);
    await vi.waitFor(async () => expect(await read(two, truth)).toBe('new'), patient);
    admin.disconnect();
  });

  test('replace an entry of another shape', async () => {
    const [one, two] = await openPair();
    const truth: Truth = { value: 'old', loads: 0 };
    await fill(one, two, truth);
    const options = { redisUrl: redis.url, logger, maxEntries: 99, now: Date.now, redisTimeoutMs: 5_000 };
    const three = createCache({ name: `pair-${names}`, ...options });
    caches.push(three);
    const numbers = three.region<number>({ name: 'r', ttlSeconds: 9, negativeTtlSeconds: 9, schema: z.number() });
    await vi.waitFor(async () => {
      await numbers.get(crypto.randomUUID(), async () => 1);
      expect(three.stats().requests['r.redis.miss']).toBeGreaterThan(0);
    }, patient);
    const errors = three.stats().requests['r.redis.error'] ?? 0;
    expect(await numbers.get('a', async () => 7)).toBe(7);
    expect(three.stats().requests['r.redis.error']).toBe(errors + 1);
  });
});

describe('a Redis that', () => {
  test('hangs costs a few waits and no answer, and an invalidation meanwhile is made good', async () => {
    const [one, two] = await openPair({ redisTimeoutMs: 400 });
    const truth: Truth = { value: 'old', loads: 0 };
    await fill(one, two, truth);
    redis.hang();
    try {
      const startMs = performance.now();
      const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
      for (const key of keys) expect(await read(one, truth, key)).toBe('old');
      // 80 s if each of them waited.
      expect(performance.now() - startMs).toBeLessThan(20_000);
      truth.value = 'new';
      await one.region.invalidate(['a']);
      expect(await read(one, truth)).toBe('new');
    } finally {
      redis.resume();
    }
    await vi.waitFor(async () => expect(await read(two, truth)).toBe('new'), patient);
    await untilShared(one, two);
    expect(await read(one, truth)).toBe('new');
  });

  test('is killed and comes back is done without, then used again, and what may have been missed is forgotten', async () => {
    const [one, two] = await openPair();
    const truth: Truth = { value: 'old', loads: 0 };
    await fill(one, two, truth);
    await redis.kill();
    expect(await read(two, truth)).toBe('old');
    truth.value = 'new';
    await one.region.invalidate(['a']);
    expect(await read(one, truth)).toBe('new');
    // It cannot be told: the price of no Redis, bounded by the time to live and by the return.
    expect(await read(two, truth)).toBe('old');
    await redis.restart();
    await vi.waitFor(async () => expect(await read(two, truth)).toBe('new'), patient);
    await untilShared(one, two);
  });

  test('was never there is not needed', async () => {
    const peer = openPeer('lonely', { redisUrl: 'redis://127.0.0.1:1' });
    const truth: Truth = { value: 'v', loads: 0 };
    expect([await read(peer, truth), await read(peer, truth)]).toEqual(['v', 'v']);
    await peer.region.invalidate(['a']);
    await read(peer, truth);
    expect(truth.loads).toBe(2);
  });
});

type Step = { kind: 'change' | 'get' | 'finish' | 'flush'; peer: 0 | 1 };

test('who invalidates is never answered afterwards with what anybody loaded before', async () => {
  const pair = await openPair();
  const kind = fc.constantFrom<Step['kind'][]>('change', 'get', 'get', 'finish', 'finish', 'flush');
  const step: fc.Arbitrary<Step> = fc.record({ kind, peer: fc.constantFrom<(0 | 1)[]>(0, 1) });
  const admin = new Redis(redis.url);
  let runs = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
    runs += 1;
    await replay(steps, { pair, key: `p${runs}`, admin });
  });
  await fc.assert(property, { numRuns: 150 });
  admin.disconnect();
});

type Stage = { pair: [Peer, Peer]; key: string; admin: Redis };

/** A flush stands for an eviction: Redis loses its entries, and no tombstones. */
async function replay(steps: readonly Step[], { pair, key, admin }: Stage): Promise<void> {
  let truth = 0;
  /** What each of the two has made known itself. */
  const known = [0, 0];
  const pending: (() => void)[] = [];
  const asked: Promise<void>[] = [];
  const load = async (): Promise<string> => {
    const seen = truth;
    await new Promise<void>((resolve) => pending.push(resolve));
    return String(seen);
  };
  for (const { kind, peer } of steps) {
    if (kind === 'change') {
      truth += 1;
      const made = truth;
      await pair[peer].region.invalidate([key]);
      known[peer] = made;
    } else if (kind === 'get') {
      const least = known[peer] ?? 0;
      asked.push(pair[peer].region.get(key, load).then((value) => expect(Number(value)).toBeGreaterThanOrEqual(least)));
    } else if (kind === 'finish') {
      pending.shift()?.();
    } else {
      await admin.del(`cache:pair-${names}:entry:r:${key}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  let isDone = false;
  const done = Promise.all(asked).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    pending.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await done;
}
