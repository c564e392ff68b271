import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Logger } from '#process/logger';
import { createLink, type Link } from './link.ts';
import { createSubscription } from './subscription.ts';

/**
 * The right to store what is loaded from now on; an invalidation in the meantime takes it away. The idea is that of the
 * leases in R. Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013.
 */
export type Lease = { tombstone: string; version: string; epoch: number; takenMs: number };

/** `stale`: there was something, but its region has been cleared since. */
export type Lookup = { found: 'nothing' | 'stale'; lease: Lease } | { found: 'text'; text: string; lease: Lease };

/** Whom an invalidation concerns: some keys of a region or, with null, all of them. */
export type Invalidation = { region: string; keys: readonly string[] | null };

export type Remote = {
  /** @throws Error when Redis does not answer */
  read: (region: string, key: string) => Promise<Lookup>;
  /**
   * Stores nothing when the lease has lapsed.
   * @throws Error when Redis does not answer
   */
  write: (entry: { region: string; key: string; text: string; ttlMs: number; lease: Lease }) => Promise<void>;
  /**
   * Removes entries and tells the other processes. Never rejects: when Redis does not answer the region is neither read
   * nor written from here until all of it could be cleared.
   */
  invalidate: (invalidation: Invalidation) => Promise<void>;
  stop: () => Promise<void>;
};

export type RemoteOptions = {
  url: string;
  /** Of the cache; processes that give the same name share their entries. */
  name: string;
  logger: Logger;
  timeoutMs: number;
  restMs: number;
  /** Another process has invalidated something. */
  onInvalidation: (invalidation: Invalidation) => void;
  /** Invalidations of other processes may have been missed. */
  onMissed: () => void;
};

/** Longer than any load: a lease that is older is not honoured, since its tombstone may have gone. */
const tombstoneMs = 60_000;
const probeIntervalMs = 1_000;

/** KEYS entry, tombstone, version; ARGV tombstone and version of the lease, text, time to live, a version if none. */
const storeScript = `
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
local version = redis.call('GET', KEYS[3])
if (version or '') ~= ARGV[2] then return 0 end
if not version then
  version = ARGV[5]
  redis.call('SET', KEYS[3], version)
end
redis.call('SET', KEYS[1], version .. ' ' .. ARGV[3], 'PX', ARGV[4])
return 1`;

/** KEYS pairs of entry and tombstone; ARGV new tombstone, its time to live, channel, message. */
const removeScript = `
for i = 1, #KEYS, 2 do
  redis.call('SET', KEYS[i + 1], ARGV[1], 'PX', ARGV[2])
  redis.call('DEL', KEYS[i])
end
return redis.call('PUBLISH', ARGV[3], ARGV[4])`;

/** KEYS version; ARGV new version, channel, message. */
const clearScript = `
redis.call('SET', KEYS[1], ARGV[1])
return redis.call('PUBLISH', ARGV[2], ARGV[3])`;

const messageSchema = z.object({ origin: z.string(), region: z.string(), keys: z.array(z.string()).nullable() });

/**
 * The layer in Redis. Each entry is `<version of its region> <text>`: a region is cleared by a new version, whatever is
 * stored in it. One server (or one primary) is expected: the scripts take keys of several cluster slots.
 */
export function createRemote(options: RemoteOptions): Remote {
  const { url, name, logger, timeoutMs, restMs, onMissed } = options;
  const prefix = `cache:${name}`;
  const origin = randomUUID();
  const channel = `${prefix}:invalidate`;
  const link = createLink({ url, name: `${name}-cache`, logger, timeoutMs, restMs });
  const subscription = createSubscription({
    ...{ url, name: `${name}-cache-invalidate`, channel },
    onMessage: (text) => receive(text, origin, options),
    onSubscribed: onMissed,
  });
  const send = (invalidation: Invalidation): Promise<unknown> => tell({ link, prefix, channel, origin }, invalidation);
  const debts = createDebts((region) => send({ region, keys: null }));
  const probe = setInterval(() => {
    subscription.probe();
    debts.settleAll();
  }, probeIntervalMs).unref();
  return {
    read: async (region, key) => {
      await debts.settle(region);
      return read(link, prefix, { region, key });
    },
    write: async (entry) => {
      if (!debts.has(entry.region)) await write(link, prefix, entry);
    },
    invalidate: async (invalidation) => {
      if (invalidation.keys?.length === 0) return;
      await send(invalidation).catch(() => debts.add(invalidation.region));
    },
    stop: async () => {
      clearInterval(probe);
      await debts.settleAll();
      subscription.stop();
      link.stop();
    },
  };
}

function namesOf(prefix: string, region: string, key: string): [entry: string, tombstone: string, version: string] {
  return [`${prefix}:entry:${region}:${key}`, `${prefix}:gone:${region}:${key}`, `${prefix}:version:${region}`];
}

async function read(link: Link, prefix: string, { region, key }: { region: string; key: string }): Promise<Lookup> {
  const epoch = link.epoch();
  const takenMs = performance.now();
  const [entry, tombstone, version] = await link.run((redis) => redis.mget(namesOf(prefix, region, key)));
  const lease = { tombstone: tombstone ?? '', version: version ?? '', epoch, takenMs };
  if (typeof entry !== 'string') return { found: 'nothing', lease };
  const end = entry.indexOf(' ');
  if (lease.version === '' || entry.slice(0, end) !== lease.version) return { found: 'stale', lease };
  return { found: 'text', text: entry.slice(end + 1), lease };
}

async function write(link: Link, prefix: string, entry: Parameters<Remote['write']>[0]): Promise<void> {
  const { region, key, text, ttlMs, lease } = entry;
  // A Redis that was away may have come back without its tombstones.
  const lapsed = lease.epoch !== link.epoch() || performance.now() - lease.takenMs > tombstoneMs / 2;
  if (lapsed) return;
  const args = [lease.tombstone, lease.version, text, Math.ceil(ttlMs), randomUUID()];
  await link.run((redis) => redis.eval(storeScript, 3, ...namesOf(prefix, region, key), ...args));
}

type Sender = { link: Link; prefix: string; channel: string; origin: string };

/** @throws Error when Redis does not answer */
async function tell({ link, prefix, channel, origin }: Sender, { region, keys }: Invalidation): Promise<void> {
  const message = JSON.stringify({ origin, region, keys });
  if (keys === null) {
    const [, , version] = namesOf(prefix, region, '');
    await link.run((redis) => redis.eval(clearScript, 1, version, randomUUID(), channel, message));
    return;
  }
  const names = keys.flatMap((key) => namesOf(prefix, region, key).slice(0, 2));
  const args = [randomUUID(), tombstoneMs, channel, message];
  await link.run((redis) => redis.eval(removeScript, names.length, ...names, ...args));
}

function receive(text: string, origin: string, { logger, onInvalidation, onMissed }: RemoteOptions): void {
  try {
    const message = messageSchema.parse(JSON.parse(text));
    if (message.origin !== origin) onInvalidation(message);
  } catch (error) {
    // Whatever it was about, forgetting everything is right.
    logger.warn({ err: error }, 'an invalidation that cannot be read');
    onMissed();
  }
}

type Debts = {
  add: (region: string) => void;
  has: (region: string) => boolean;
  /** @throws Error when the region cannot be cleared yet */
  settle: (region: string) => Promise<void>;
  /** Never rejects. */
  settleAll: () => Promise<void>;
};

/** Regions with an invalidation that Redis was not told of; it is told of the whole region as soon as it answers. */
function createDebts(clear: (region: string) => Promise<unknown>): Debts {
  /** By region how many invalidations have failed: one that fails while an older is made good is owed itself. */
  const owed = new Map<string, number>();
  const running = new Map<string, Promise<void>>();
  const pay = async (region: string, count: number): Promise<void> => {
    await clear(region);
    if (owed.get(region) === count) owed.delete(region);
  };
  const settle = async (region: string): Promise<void> => {
    const count = owed.get(region);
    if (count === undefined) return;
    const payment = running.get(region) ?? pay(region, count).finally(() => running.delete(region));
    running.set(region, payment);
    await payment;
    if (owed.has(region)) throw new Error(`region ${region} has not been cleared yet`);
  };
  return {
    add: (region) => owed.set(region, (owed.get(region) ?? 0) + 1),
    has: (region) => owed.has(region),
    settle,
    settleAll: async () => void (await Promise.allSettled([...owed.keys()].map(settle))),
  };
}
