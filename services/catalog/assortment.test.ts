import { describe, expect, test } from 'vitest';
import { createAssortment } from './assortment.ts';
import { categories, productSchema } from './contract.ts';

const assortment = createAssortment();

describe('the assortment', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(createAssortment()).toEqual(assortment);
    expect(createAssortment(7)).not.toEqual(assortment);
  });

  test('has at least 500 products, and some of every category', () => {
    expect(assortment.length).toBeGreaterThanOrEqual(500);
    expect(new Set(assortment.map(({ category }) => category))).toEqual(new Set(categories));
  });

  test('has every product as the contract says, priced in whole cents', () => {
    for (const product of assortment) {
      expect(productSchema.safeParse(product)).toMatchObject({ success: true });
      expect(product.priceMinor).toBeGreaterThan(0);
    }
  });

  test('has no SKU twice, and every colour and size of a product as a variant', () => {
    const skus = assortment.flatMap(({ variants }) => variants.map(({ sku }) => sku));
    expect(new Set(skus).size).toBe(skus.length);
    for (const { variants, colours, sizes } of assortment) expect(variants).toHaveLength(colours.length * sizes.length);
  });
});
