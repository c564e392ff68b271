import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { withoutDeadline } from '../deadline.ts';
import { isDueEarly, jitteredMs } from './expiry.ts';
import type { Lease, Remote } from './remote.ts';
import type { Layer, Result, Tally } from './tally.ts';

export type RegionOptions<Value> = {
  name: string;
  /** For how long a value may be shown at most. */
  ttlSeconds: number;
  /** The same for the knowledge that there is none (null). */
  negativeTtlSeconds: number;
  /**
   * For how long after its time a value is still given while it is loaded anew behind the answer, also when that fails
   * (RFC 5861: stale-while-revalidate, stale-if-error). Default 0.
   */
  staleSeconds?: number;
  /** What comes from Redis is checked by it: an older or newer version of the program may have stored another shape. */
  schema?: z.ZodType<Exclude<Value, null>>;
};

/** Values are JSON, and shared by all who ask: not to be changed. */
export type Region<Value> = {
  /**
   * The value of the key, loaded when no layer has it. Null is kept too, for its own time.
   * @throws whatever `load` throws; a failure is not kept
   */
  get: (key: string, load: () => Promise<Value>) => Promise<Value>;
  /**
   * Forgets keys here, in Redis and in the other processes. Call it after the change was committed: a `get` that begins
   * after it has resolved is never answered here with what was loaded before. Never rejects.
   */
  invalidate: (keys: readonly string[]) => Promise<void>;
  /** Forgets every key, like `invalidate`. */
  clear: () => Promise<void>;
  /**
   * Puts in what will be asked for, before it is: for a start that would send every first question to the database.
   * Kept in this process only, and not at all when something was invalidated meanwhile.
   * @param load brings so many values at most
   */
  fill: (load: (limit: number) => Promise<Iterable<readonly [string, Value]>>) => Promise<void>;
};

export type RegionDeps = {
  tally: Tally;
  remote: Remote | null;
  maxEntries: number;
  /** Milliseconds since 1970; entries of other processes are judged by it too. */
  now: () => number;
  random: () => number;
};

/** Forgets keys, or with null all, in this process only. */
export type Drop = (keys: readonly string[] | null) => void;

type Entry<Value> = { value: Value; expiresMs: number; loadMs: number };

/** A load under way. Revoked: something was invalidated since it began, so what it brings is not kept. */
type Ticket = { revoked: boolean };

type Context<Value> = RegionDeps & {
  options: RegionOptions<Value>;
  entries: LRUCache<string, Entry<Value>>;
  flights: Map<string, { ticket: Ticket; promise: Promise<Value> }>;
  /** Fillings under way. */
  fillings: Set<Ticket>;
  parse: (text: string) => Entry<Value>;
};

/** A part of the cache with its own kind of values: an LRU of its own in front of Redis. */
export function createRegion<Value>(
  options: RegionOptions<Value>,
  deps: RegionDeps,
): { region: Region<Value>; drop: Drop; size: () => number } {
  const context: Context<Value> = {
    ...deps,
    options,
    entries: new LRUCache({ max: Math.max(1, deps.maxEntries) }),
    flights: new Map(),
    fillings: new Set(),
    parse: createParser(options.schema),
  };
  const drop: Drop = (keys) => dropLocal(context, keys);
  const forget = async (keys: readonly string[] | null): Promise<void> => {
    drop(keys);
    await deps.remote?.invalidate({ region: options.name, keys });
    // A get in the meantime may have found in Redis what was about to go.
    drop(keys);
  };
  const region: Region<Value> = {
    get: (key, load) => (deps.maxEntries === 0 ? load() : get(context, key, load)),
    invalidate: forget,
    clear: () => forget(null),
    fill: (load) => (deps.maxEntries === 0 ? Promise.resolve() : fill(context, load)),
  };
  return { region, drop, size: () => context.entries.size };
}

function createParser<Value>(schema: z.ZodType = z.unknown()): (text: string) => Entry<Value> {
  const entrySchema = z.object({ value: schema.nullable(), expiresMs: z.number(), loadMs: z.number() });
  return (text) => entrySchema.parse(JSON.parse(text)) as Entry<Value>;
}

async function fill<Value>(
  context: Context<Value>,
  load: (limit: number) => Promise<Iterable<readonly [string, Value]>>,
): Promise<void> {
  const ticket: Ticket = { revoked: false };
  context.fillings.add(ticket);
  try {
    const values = await load(context.maxEntries);
    if (ticket.revoked) return;
    for (const [key, value] of values) keep(context, key, { value, loadMs: 0, lease: undefined });
  } finally {
    context.fillings.delete(ticket);
  }
}

function dropLocal<Value>({ entries, flights, fillings }: Context<Value>, keys: readonly string[] | null): void {
  for (const ticket of fillings) ticket.revoked = true;
  if (keys === null) entries.clear();
  for (const key of keys ?? [...flights.keys()]) {
    entries.delete(key);
    const flight = flights.get(key);
    if (flight !== undefined) flight.ticket.revoked = true;
    flights.delete(key);
  }
}

async function get<Value>(context: Context<Value>, key: string, load: () => Promise<Value>): Promise<Value> {
  const { entries, now, random } = context;
  const held = entries.get(key);
  const overdueMs = held === undefined ? Number.POSITIVE_INFINITY : now() - held.expiresMs;
  const isFresh = overdueMs < 0;
  if (held === undefined || (!isFresh && overdueMs >= 1_000 * (context.options.staleSeconds ?? 0))) {
    count(context, 'local', held === undefined ? 'miss' : 'stale');
    return join(context, key, { load, newerThanMs: 0 });
  }
  count(context, 'local', isFresh ? (held.value === null ? 'negative' : 'hit') : 'revalidating');
  if (!isFresh || isDueEarly({ nowMs: now(), ...held }, random)) {
    // Nobody waits for it, and while it fails the value is still good.
    withoutDeadline(() => join(context, key, { load, newerThanMs: held.expiresMs })).catch(() => {});
  }
  return held.value;
}

function count<Value>({ tally, options }: Context<Value>, layer: Layer, result: Result): void {
  tally.count(options.name, layer, result);
}

type Want<Value> = {
  load: () => Promise<Value>;
  /** An entry of Redis that ends no later is as due as the one at hand. */
  newerThanMs: number;
};

/** One load of a key at a time in this process: who comes later waits for it. */
function join<Value>(context: Context<Value>, key: string, want: Want<Value>): Promise<Value> {
  const { flights } = context;
  const current = flights.get(key);
  if (current !== undefined) return current.promise;
  const ticket: Ticket = { revoked: false };
  const promise = fetchValue(context, { key, want, ticket }).finally(() => {
    if (flights.get(key)?.ticket === ticket) flights.delete(key);
  });
  flights.set(key, { ticket, promise });
  return promise;
}

type Errand<Value> = { key: string; want: Want<Value>; ticket: Ticket };

async function fetchValue<Value>(context: Context<Value>, { key, want, ticket }: Errand<Value>): Promise<Value> {
  const { entries, now, random } = context;
  const { entry: shared, lease } = await lookUp(context, key);
  const isFresh =
    shared !== undefined && shared.expiresMs > want.newerThanMs && !isDueEarly({ nowMs: now(), ...shared }, random);
  if (isFresh) {
    if (!ticket.revoked) entries.set(key, shared);
    return shared.value;
  }
  const startMs = now();
  try {
    const value = await want.load();
    if (!ticket.revoked) keep(context, key, { value, loadMs: now() - startMs, lease });
    return value;
  } catch (error) {
    // Loaded early and in vain: what Redis has is still good, unless it was invalidated in the meantime.
    if (shared !== undefined && !ticket.revoked) return shared.value;
    throw error;
  }
}

type Loaded<Value> = { value: Value; loadMs: number; lease: Lease | undefined };

function keep<Value>(context: Context<Value>, key: string, { value, loadMs, lease }: Loaded<Value>): void {
  const { entries, remote, options, now, random } = context;
  const ttlMs = jitteredMs(value === null ? options.negativeTtlSeconds : options.ttlSeconds, random);
  const entry: Entry<Value> = { value, loadMs, expiresMs: now() + ttlMs };
  entries.set(key, entry);
  if (remote === null || lease === undefined) return;
  // Nobody waits for it: an entry that Redis does not take is loaded again by who needs it.
  remote.write({ region: options.name, key, text: JSON.stringify(entry), ttlMs, lease }).catch(() => {});
}

/** What Redis has; without an answer, and without Redis, neither entry nor lease. */
async function lookUp<Value>(
  context: Context<Value>,
  key: string,
): Promise<{ entry?: Entry<Value>; lease?: Lease | undefined }> {
  const { remote, options, now, parse } = context;
  if (remote === null) return {};
  let lease: Lease | undefined;
  try {
    const lookup = await remote.read(options.name, key);
    lease = lookup.lease;
    if (lookup.found !== 'text') {
      count(context, 'redis', lookup.found === 'stale' ? 'stale' : 'miss');
      return { lease };
    }
    const entry = parse(lookup.text);
    if (entry.expiresMs <= now()) {
      count(context, 'redis', 'stale');
      return { lease };
    }
    count(context, 'redis', entry.value === null ? 'negative' : 'hit');
    return { entry, lease };
  } catch {
    // The breaker logs an outage, once; a shape that is not ours is replaced by what is loaded now.
    count(context, 'redis', 'error');
    return { lease };
  }
}
