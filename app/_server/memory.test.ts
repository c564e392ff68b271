import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createMemory } from './memory.ts';

test('an answer is kept for its time, shared by those who ask at once, and a failure is not kept', async () => {
  const remember = createMemory();
  let reads = 0;
  const read = async (): Promise<number> => {
    reads += 1;
    await delay(5);
    if (reads === 1) throw new Error('tired');
    return reads;
  };
  await expect(remember('key', 60_000, read)).rejects.toThrow('tired');
  expect(await Promise.all([remember('key', 60_000, read), remember('key', 60_000, read)])).toEqual([2, 2]);
  expect(await remember('key', 60_000, read)).toBe(2);
  expect(await remember('other', 1, read)).toBe(3);
  await delay(20);
  expect(await remember('other', 1, read)).toBe(4);
});
