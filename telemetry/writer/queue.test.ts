import { ClickHouseError } from '@clickhouse/client';
import { describe, expect, test } from 'vitest';
import { createBatchIds } from './batch-id.ts';
import { RowsRefusedError, StoreUnavailableError } from './errors.ts';
import { createQueue, type Queue } from './queue.ts';
import type { BatchStore } from './store.ts';

type Insert = { batchId: string; lines: string[] };

/** A store in memory whose inserts end as `outcomes` say, then well. */
function makeStore(outcomes: ('ok' | Error)[] = []): { store: BatchStore; inserts: Insert[] } {
  const inserts: Insert[] = [];
  const stored = new Set<string>();
  const store: BatchStore = {
    findStored: async (hashes) => new Set(hashes.filter((hash) => stored.has(hash))),
    insertBatch: async (_signal, batchId, body) => {
      const lines = body.toString().trimEnd().split('\n');
      inserts.push({ batchId, lines: lines.map((line) => line.split('\t')[0] ?? '') });
      const outcome = outcomes.shift() ?? 'ok';
      if (outcome !== 'ok') throw outcome;
    },
    insertSeries: async () => undefined,
  };
  return { store, inserts };
}

function makeQueue(store: BatchStore, maxWaitingRows = 100): Queue {
  return createQueue({
    signal: 'metrics',
    store,
    clock: () => 1_800_000_000_000,
    newBatchId: createBatchIds(7),
    onStored: () => undefined,
    onTrouble: () => undefined,
    limits: { lingerMs: 1, maxBatchRows: 10, maxWaitingRows, resendMs: 1 },
  });
}

const reset = new Error('socket hang up');
const unreadable = new ClickHouseError({
  message: 'Cannot parse',
  code: '27',
  type: 'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
});

describe("the writer's queue", () => {
  test('takes a request that comes the moment the one before is stored', async () => {
    const { store, inserts } = makeStore();
    const queue = makeQueue(store);
    for (const name of ['a', 'b', 'c', 'd']) await queue.append(name, [name]);
    expect(inserts.flatMap((insert) => insert.lines)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('sends a batch again unchanged, under the same id, while its outcome is unknown, and takes nothing else', async () => {
    const { store, inserts } = makeStore([reset, reset]);
    const queue = makeQueue(store);
    const first = queue.append('a', ['a1', 'a2']);
    await expect(first).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(queue.append('b', ['b1'])).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect.poll(() => queue.isHealthy()).toBe(true);
    expect(inserts).toHaveLength(3);
    expect(new Set(inserts.map((insert) => insert.batchId)).size).toBe(1);
    expect(inserts.every((insert) => insert.lines.join() === 'a1,a2')).toBe(true);
    await queue.append('b', ['b1']);
  });

  test('refuses rows that the store cannot read, and stores those that waited with them', async () => {
    const { store, inserts } = makeStore([unreadable, 'ok', unreadable]);
    const queue = makeQueue(store);
    const [good, bad] = await Promise.allSettled([queue.append('a', ['a']), queue.append('b', ['b'])]);
    expect(good?.status).toBe('fulfilled');
    expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(RowsRefusedError) });
    expect(inserts.map((insert) => insert.lines)).toEqual([['a', 'b'], ['a'], ['b']]);
    expect(new Set(inserts.map((insert) => insert.batchId)).size).toBe(3);
  });

  test('turns senders away when too many rows wait', async () => {
    const { store } = makeStore();
    const queue = makeQueue(store, 3);
    const first = queue.append('a', ['a1', 'a2']);
    await expect(queue.append('b', ['b1', 'b2'])).rejects.toBeInstanceOf(StoreUnavailableError);
    await first;
  });

  test('a copy of a request under way shares its fate and is sent once', async () => {
    const { store, inserts } = makeStore();
    const queue = makeQueue(store);
    await Promise.all([queue.append('a', ['a']), queue.append('a', ['a'])]);
    expect(inserts).toHaveLength(1);
  });
});

test('batch ids rise, also within a millisecond and when the clock goes back', () => {
  const next = createBatchIds(4095);
  const ids = [5, 5, 5, 4, 6, 7].map((ms) => BigInt(next(1_800_000_000_000 + ms)));
  expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => id < 2n ** 63n)).toBe(true);
});
