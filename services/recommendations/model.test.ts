import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from './evaluate.ts';
import { pairsOf, similarity } from './model.ts';

test('a pair is scored from 0 to 1, higher the more often it was seen together', () => {
  const counts = fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.nat(1_000), fc.nat(1_000));
  fc.assert(
    fc.property(counts, ([together, more, otherMore]) => {
      const pair = { together, orders: together + more, otherOrders: together + otherMore };
      const score = similarity(pair);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
      const once = { ...pair, together: together + 1, orders: pair.orders + 1, otherOrders: pair.otherOrders + 1 };
      expect(similarity(once)).toBeGreaterThan(score);
    }),
  );
});

test('what is bought with everything is not what belongs to something', () => {
  const specific = similarity({ together: 10, orders: 20, otherOrders: 20 });
  expect(specific).toBeGreaterThan(similarity({ together: 10, orders: 20, otherOrders: 2_000 }));
});

test('the pairs of an order: each once, whatever its order and however many pieces', () => {
  expect(pairsOf(['b', 'a', 'c', 'a'])).toEqual([
    ['a', 'b'],
    ['a', 'c'],
    ['b', 'c'],
  ]);
  expect(pairsOf(['a', 'a'])).toEqual([]);
});

test('evaluation asks for what was not learnt: pairs beat popularity where there are pairs, and nothing can be hit by chance', () => {
  const pairs = Array.from({ length: 400 }, (_, order) => [`a${order % 40}`, `b${order % 40}`]);
  const { tested, hitRate, popularityHitRate } = evaluate(pairs);
  expect(tested).toBe(80);
  expect(hitRate).toBe(1);
  expect(popularityHitRate).toBeLessThan(0.5);
  const strangers = Array.from({ length: 100 }, (_, order) => [`x${order}`, `y${order}`]);
  expect(evaluate(strangers).hitRate).toBe(0);
});
