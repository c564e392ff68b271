import type { ReactNode } from 'react';
import type { ProductSummary } from '#services/catalog/contract';
import { addressOf, pictureOf } from '../../pictures/address.ts';

type Pictured = Pick<ProductSummary, 'id' | 'name' | 'category' | 'colours'>;

/** Where the drawing of a product in one of its colours is. */
export function pictureAddress(product: Pictured, colour?: string): string {
  return addressOf(pictureOf(colour === undefined ? product : { ...product, colours: [colour] }));
}

/** A drawing of a product. @param eager for what is seen without scrolling */
export function Picture({
  product,
  colour,
  eager = false,
}: {
  product: Pictured;
  colour?: string;
  eager?: boolean;
}): ReactNode {
  const shown = colour ?? product.colours[0];
  return (
    // biome-ignore lint/performance/noImgElement: the pictures are drawings of some kilobytes, in the one size that there is
    <img
      src={pictureAddress(product, colour)}
      alt={`${product.name}${shown === undefined ? '' : ` in ${shown.toLowerCase()}`}`}
      width={400}
      height={500}
      loading={eager ? 'eager' : 'lazy'}
      decoding={eager ? 'auto' : 'async'}
    />
  );
}
