import { expect, test } from 'vitest';
import { perPage, readChoice, writeChoice } from './listing.ts';

test('an address is read, and written again as it was', () => {
  const address =
    '/shop?q=merino&category=knitwear&brand=Aube&brand=Ostra&colour=Navy&from=20&to=120&sort=-price&page=3';
  const query = new URL(address, 'http://shop').searchParams;
  const params = Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)]));
  const single = Object.fromEntries(
    Object.entries(params).map(([name, all]) => [name, all.length === 1 ? all[0] : all]),
  );
  const choice = readChoice(single);
  expect(choice).toMatchObject({
    minPriceMinor: 2_000,
    maxPriceMinor: 12_000,
    offset: 2 * perPage,
    brand: ['Aube', 'Ostra'],
  });
  expect(writeChoice(choice, { page: 3 })).toBe(address);
});

test.each([
  [{ category: 'spaceships' }],
  [{ sort: 'sideways', page: 'x' }],
  [{ from: '-4', to: '1e9' }],
  [{ q: ['a', 'b'], page: '-1' }],
  [{ category: '', q: '' }],
])('what makes no sense in an address (%o) is left out', (params) => {
  expect(writeChoice(readChoice(params))).toBe('/shop');
});
