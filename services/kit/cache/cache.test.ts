import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createLogger } from '#process/logger';
import { type Cache, createCache, type Region } from './cache.ts';

const logger = createLogger('test');
logger.level = 'silent';

type Room = {
  cache: Cache;
  region: Region<string | null>;
  /** Loads by key, in order. */
  loads: string[];
  get: (key: string, value?: string | null) => Promise<string | null>;
  pass: (ms: number) => void;
};

/** A cache without Redis, on a clock that stands still; no jitter and no early renewal unless `draw` says so. */
function openRoom({ maxEntries = 10, draw = () => 0 }: { maxEntries?: number; draw?: () => number } = {}): Room {
  let nowMs = 1_000_000;
  const loads: string[] = [];
  const cache = createCache({ name: 'test', logger, maxEntries, now: () => nowMs, random: draw });
  const region = cache.region<string | null>({ name: 'things', ttlSeconds: 60, negativeTtlSeconds: 5 });
  return {
    ...{ cache, region, loads },
    get: (key, value = `value of ${key}`) =>
      region.get(key, async () => {
        loads.push(key);
        return value;
      }),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

test.each([
  { kind: 'a value', value: 'v', ttlMs: 60_000 },
  { kind: 'the knowledge that there is none', value: null, ttlMs: 5_000 },
])('$kind is loaded once in its time to live of $ttlMs ms, and again after it', async ({ value, ttlMs }) => {
  const { get, pass, loads } = openRoom();
  expect(await get('a', value)).toBe(value);
  pass(ttlMs - 1);
  expect(await get('a', value)).toBe(value);
  expect(loads).toEqual(['a']);
  pass(1);
  await get('a', value);
  expect(loads).toEqual(['a', 'a']);
});

test('the least recently used entry makes room, and memory is bounded', async () => {
  const { get, loads, cache } = openRoom({ maxEntries: 2 });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
  expect(loads).toEqual(['a', 'b', 'c', 'b']);
  expect(cache.stats().entries).toBe(2);
});

test('without room for an entry every value is loaded, as if there were no cache', async () => {
  const { get, loads, cache } = openRoom({ maxEntries: 0 });
  for (const key of ['a', 'a', 'a']) expect(await get(key)).toBe('value of a');
  expect(loads).toEqual(['a', 'a', 'a']);
  expect(cache.stats()).toEqual({ entries: 0, requests: {} });
});

test('callers of one key at one time share one load, also when it fails; a failure is not kept', async () => {
  const { region, get } = openRoom();
  let loads = 0;
  const fail = async (): Promise<string> => {
    loads += 1;
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('away');
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => region.get('a', fail)));
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
  expect(loads).toBe(1);
  expect(await get('a')).toBe('value of a');
});

test('an entry near its end is renewed by one caller, while all are answered with what there is', async () => {
  let draw = 0;
  const { region, pass } = openRoom({ draw: () => draw });
  let loads = 0;
  const load = async (): Promise<string> => {
    loads += 1;
    pass(100);
    return `load ${loads}`;
  };
  await region.get('a', load);
  pass(59_950);
  expect(await region.get('a', load)).toBe('load 1');
  expect(loads).toBe(1);
  // -100 ms * ln(1 - 0.5) = 69 ms, more than the 50 ms that are left.
  draw = 0.5;
  expect(await Promise.all([region.get('a', load), region.get('a', load)])).toEqual(['load 1', 'load 1']);
  draw = 0;
  await new Promise((resolve) => setImmediate(resolve));
  expect(await region.get('a', load)).toBe('load 2');
  expect(loads).toBe(2);
});

test('a renewal that fails is not felt while the entry is good', async () => {
  let draw = 0;
  const { region, get, pass } = openRoom({ draw: () => draw });
  await region.get('a', async () => {
    pass(100);
    return 'old';
  });
  pass(59_950);
  draw = 0.5;
  expect(await region.get('a', () => Promise.reject(new Error('away')))).toBe('old');
  draw = 0;
  await new Promise((resolve) => setImmediate(resolve));
  expect(await get('a')).toBe('old');
});

test('an invalidation leaves the other keys alone, clearing leaves none', async () => {
  const { get, region, loads, cache } = openRoom();
  await get('a');
  await get('b');
  await region.invalidate(['a']);
  await get('a');
  await get('b');
  expect(loads).toEqual(['a', 'b', 'a']);
  await region.clear();
  expect(cache.stats().entries).toBe(0);
});

test('lookups are counted by what they brought', async () => {
  const { get, pass, cache } = openRoom();
  await get('a');
  await get('a');
  await get('none', null);
  await get('none', null);
  pass(60_000);
  await get('a');
  expect(cache.stats().requests).toEqual({
    'things.local.miss': 2,
    'things.local.hit': 1,
    'things.local.negative': 1,
    'things.local.stale': 1,
  });
});

test('two regions of one name are refused', () => {
  const { cache } = openRoom();
  const options = { name: 'things', ttlSeconds: 1, negativeTtlSeconds: 1 };
  expect(() => cache.region(options)).toThrow('test has a region things already');
});

type Step =
  | { kind: 'change'; key: string; all: boolean }
  | { kind: 'get'; key: string }
  | { kind: 'finish' }
  | { kind: 'pass'; ms: number };

/** A step: the truth changes and is made known, a key is asked for, or the oldest load under way comes back. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), key: fc.constantFrom('a', 'b'), all: fc.boolean() }),
  fc.record({ kind: fc.constant('get' as const), key: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('finish' as const) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
);

test('after an invalidation nobody is answered with what was loaded before, however loads and changes interleave', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.double({ min: 0, max: 0.99 }), run);
  await fc.assert(property, { numRuns: 500 });
});

async function run(steps: Step[], draw: number): Promise<void> {
  const { region, pass } = openRoom({ draw: () => draw });
  const truth: Record<string, number> = { a: 0, b: 0 };
  const pending: (() => void)[] = [];
  const asked: Promise<void>[] = [];
  const load = (key: string) => async (): Promise<string> => {
    const seen = truth[key] ?? 0;
    await new Promise<void>((resolve) => pending.push(resolve));
    pass(500);
    return String(seen);
  };
  for (const each of steps) {
    if (each.kind === 'change') {
      truth[each.key] = (truth[each.key] ?? 0) + 1;
      await (each.all ? region.clear() : region.invalidate([each.key]));
    } else if (each.kind === 'get') {
      const known = truth[each.key] ?? 0;
      const answer = region.get(each.key, load(each.key));
      asked.push(answer.then((value) => expect(Number(value)).toBeGreaterThanOrEqual(known)));
    } else if (each.kind === 'finish') {
      pending.shift()?.();
    } else {
      pass(each.ms);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (pending.length > 0) {
    pending.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(asked);
}

test('a value that is due is given while it is loaded anew, also when that fails, and not for longer than it may be', async () => {
  const { cache, pass } = openRoom();
  const region = cache.region<string>({ name: 'lists', ttlSeconds: 5, negativeTtlSeconds: 1, staleSeconds: 60 });
  let answer = (): Promise<string> => Promise.resolve('old');
  const read = () => region.get('a', () => answer());
  expect(await read()).toBe('old');
  pass(5_000);
  answer = () => Promise.reject(new Error('away'));
  expect(await read()).toBe('old');
  answer = () => Promise.resolve('new');
  await vi.waitFor(async () => expect(await read()).toBe('new'));
  pass(65_000);
  answer = () => Promise.reject(new Error('away'));
  await expect(read()).rejects.toThrow('away');
  const { requests } = cache.stats();
  expect(requests).toMatchObject({ 'lists.local.miss': 1, 'lists.local.stale': 1 });
  expect(requests['lists.local.revalidating']).toBeGreaterThanOrEqual(2);
});

test('what is filled in is there before anybody asks; not when something was invalidated meanwhile', async () => {
  const { region, get, loads } = openRoom({ maxEntries: 2 });
  await region.fill(async (limit) => {
    expect(limit).toBe(2);
    return [['a', 'filled']];
  });
  expect(await get('a')).toBe('filled');
  await region.fill(async () => {
    await region.invalidate(['c']);
    return [['b', 'too old']];
  });
  expect(await get('b')).toBe('value of b');
  expect(loads).toEqual(['b']);
});

test('without room nothing is filled in, nor read for it', async () => {
  const { region } = openRoom({ maxEntries: 0 });
  await region.fill(() => Promise.reject(new Error('read')));
});
