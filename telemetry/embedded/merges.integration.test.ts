import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStore, type TestStore } from './test-store.ts';

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
});

afterAll(() => store?.stop());

async function readParts(): Promise<{ name: string; rows: number; level: number }[]> {
  const query = "SELECT name, rows, level FROM system.parts WHERE active AND table = 'day' ORDER BY rows DESC";
  return (await store.client.query({ query, format: 'JSONEachRow' })).json();
}

test('small inserts are merged among themselves: what is stored already is not written anew with them', async () => {
  const { client } = store;
  await client.command({ query: 'CREATE TABLE day (id UInt64, text String) ENGINE = MergeTree ORDER BY id' });
  // Nothing that compression makes smaller: somewhat more than 1 MB, below which it costs little to write it anew.
  await client.command({ query: 'INSERT INTO day SELECT number, randomString(30) FROM numbers(36000)' });
  const [large] = await readParts();
  for (let n = 1; n <= 60; n += 1)
    await client.insert({ table: 'day', values: [{ id: n, text: `${n}` }], format: 'JSONEachRow' });
  // Sixty parts wait for nobody: until they are few, merges are under way.
  await expect.poll(async () => (await readParts()).length, { timeout: 30_000 }).toBeLessThan(25);
  const [first, ...others] = await readParts();
  expect(first).toEqual(large);
  expect(others.some(({ rows }) => Number(rows) >= 16)).toBe(true);
  expect(others.reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(60);
}, 60_000);
