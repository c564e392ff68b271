import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { formatPrice } from '../../shop/words.ts';
import { Price } from './price.tsx';

function render(product: { priceMinor: number; wasMinor?: number }): string {
  return renderToStaticMarkup(createElement(Price, { product }));
}

test('a regular price is said as it is', () => {
  expect(render({ priceMinor: 9_990 })).toBe(formatPrice(9_990));
});

test('during a sale the regular price is struck through, and both are named for who hears the page', () => {
  const markup = render({ priceMinor: 7_990, wasMinor: 9_990 });
  expect(markup).toMatch(/<s [^>]*>.*<\/s>$/);
  const [asked = '', regular = ''] = markup.split('<s ');
  expect(asked.replace(/<[^>]+>/g, '').trim()).toBe(`Sale price ${formatPrice(7_990)}`);
  expect(`<s ${regular}`.replace(/<[^>]+>/g, '')).toBe(`Regular price ${formatPrice(9_990)}`);
});
