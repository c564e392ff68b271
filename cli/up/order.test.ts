import { expect, test } from 'vitest';
import { checkOrder, findDependants, findStartable } from './order.ts';

const store = { name: 'store', dependsOn: [], uses: [] };
const migrate = { name: 'migrate', dependsOn: ['store'], uses: [] };
const collectors = { name: 'collectors', dependsOn: ['migrate'], uses: [] };
const shop = { name: 'shop', dependsOn: ['store'], uses: ['collectors'] };
const specs = [shop, collectors, migrate, store];

test.each([
  [[], ['store']],
  [['store'], ['shop', 'migrate', 'store']],
  [
    ['store', 'migrate'],
    ['shop', 'collectors', 'migrate', 'store'],
  ],
])('with %j ready, %j may start: what is merely used is not waited for', (ready, expected) => {
  expect(findStartable(specs, new Set(ready))).toEqual(expected);
});

test.each([
  ['store', ['shop', 'migrate']],
  ['collectors', ['shop']],
  ['shop', []],
])('%s stops after %j', (name, expected) => {
  expect(findDependants(specs, name)).toEqual(expected);
});

test('a circle is refused and spelt out', () => {
  const circle = [{ ...store, dependsOn: ['shop'] }, migrate, collectors, shop];
  expect(() => checkOrder(circle)).toThrow('processes depend on each other: store → shop → store');
});

test('a dependency on nobody is refused by name', () => {
  expect(() => checkOrder([{ ...shop, uses: ['nobody'] }, store])).toThrow('shop depends on nobody');
});

test('a sound plan is accepted', () => {
  expect(() => checkOrder(specs)).not.toThrow();
});
