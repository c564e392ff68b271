import { expect, test } from 'vitest';
import { readEnv } from '../env.ts';
import { allowsOrigin, parseFaroApps } from './apps.ts';
import { createRateLimit } from './rate-limit.ts';

const key = 'pk_0123456789abcdef';

test('apps are read with their origins, colons and ports included', () => {
  const { apps, problems } = parseFaroApps(`shop:${key}:https://shop.example|http://localhost:8080, any:${key}2:*`);
  expect(problems).toEqual([]);
  expect(apps).toEqual([
    { name: 'shop', key, origins: ['https://shop.example', 'http://localhost:8080'] },
    { name: 'any', key: `${key}2`, origins: ['*'] },
  ]);
  expect(parseFaroApps('')).toEqual({ apps: [], problems: [] });
});

test('everything wrong with the apps is said, beside other bad variables, without the key', () => {
  const read = () =>
    readEnv({
      COLLECTORS_PORT: '4318',
      CLICKHOUSE_URL: 'http://127.0.0.1:8124',
      FARO_APPS: `bad name:tiny:ftp,shop:${key}:https://a.example/,shop:${key}:`,
      FARO_SESSION_RATE: '-1',
    });
  expect(read).toThrow(/FARO_APPS: app 1 .*name/);
  expect(read).toThrow(/FARO_APPS: app 1 .*a key is/);
  expect(read).toThrow(/"ftp" is no origin/);
  expect(read).toThrow(/"https:\/\/a.example\/" is no origin/);
  expect(read).toThrow(/app 3 .*no origin/);
  expect(read).toThrow(/app 3 .*given twice/);
  expect(read).toThrow(/FARO_SESSION_RATE/);
  expect(read).not.toThrow(key);
});

test('an origin is allowed when it is named or any is; no origin only where any is', () => {
  const shop = { name: 'shop', key, origins: ['https://shop.example'] };
  expect(
    ['https://shop.example', 'https://shop.example.evil.example', 'null', undefined].map((o) => allowsOrigin(shop, o)),
  ).toEqual([true, false, false, false]);
  expect(allowsOrigin({ ...shop, origins: ['*'] }, undefined)).toBe(true);
});

test('a session may send twice its rate at once, then its rate, and is told when to come back', () => {
  let nowMs = 0;
  const { take } = createRateLimit({ app: 1_000, address: 1_000, session: 0.5 }, () => nowMs);
  const sender = { app: 'shop', address: '::1', session: 's-1' };
  expect([take(sender), take(sender)]).toEqual([null, 2]);
  nowMs = 1_000;
  expect(take(sender)).toBe(1);
  expect(take({ ...sender, session: 's-2' })).toBe(null);
  nowMs = 2_000;
  expect(take(sender)).toBe(null);
});

test('new sessions do not get round the limit of their address, and a refused request costs the app nothing', () => {
  const { take } = createRateLimit({ app: 3, address: 2, session: 1_000 }, () => 0);
  const outcomes = Array.from({ length: 50 }, (_, i) => take({ app: 'shop', address: 'loud', session: `s-${i}` }));
  expect(outcomes.filter((wait) => wait === null)).toHaveLength(4);
  const others = [1, 2, 3].map((i) => take({ app: 'shop', address: `quiet-${i}`, session: '' }));
  expect(others).toEqual([null, null, 1]);
  expect(take({ app: 'other', address: 'loud', session: '' })).toBe(null);
});
