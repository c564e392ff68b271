import type { ReactNode } from 'react';
import type { ProductSummary } from '#services/catalog/contract';
import { addressOf, pictureOf } from '../../pictures/address.ts';

type Pictured = Pick<ProductSummary, 'id' | 'name' | 'category' | 'colours' | 'media'>;

export type Shown = { src: string; alt: string; width: number; height: number };

/** The picture of a product in one of its colours: the first that was set for it or for any, or a drawing. */
export function showIn(product: Pictured, colour = product.colours[0]): Shown {
  const { media = [] } = product;
  const set = media.find((medium) => medium.colour === colour) ?? media.find((medium) => medium.colour === undefined);
  if (set !== undefined) return { src: set.url, alt: set.alt, width: set.width, height: set.height };
  const drawn = colour === undefined ? product : { ...product, colours: [colour] };
  const alt = `${product.name}${colour === undefined ? '' : ` in ${colour.toLowerCase()}`}`;
  return { src: addressOf(pictureOf(drawn)), alt, width: 400, height: 500 };
}

/** A picture of a product. @param eager for what is seen without scrolling */
export function Picture({
  product,
  colour,
  eager = false,
}: {
  product: Pictured;
  colour?: string;
  eager?: boolean;
}): ReactNode {
  const shown = showIn(product, colour);
  return (
    // biome-ignore lint/performance/noImgElement: most are drawings of some kilobytes, in the one size that there is
    <img
      src={shown.src}
      alt={shown.alt}
      width={shown.width}
      height={shown.height}
      loading={eager ? 'eager' : 'lazy'}
      decoding={eager ? 'auto' : 'async'}
    />
  );
}
