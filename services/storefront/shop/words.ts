import type { Category } from '#services/catalog/contract';

/** The shelves, in the order of the menu, with what we have to say about each. */
export const shelves: readonly { category: Category; title: string; words: string }[] = [
  { category: 'knitwear', title: 'Knitwear', words: 'Wool that has met weather. Darn it, and it goes on.' },
  { category: 'outerwear', title: 'Coats', words: 'For the walk there and, more to the point, the walk back.' },
  { category: 'shirts', title: 'Shirts', words: 'Collars that stand up without being asked.' },
  { category: 'tops', title: 'Tops', words: 'The plain things that everything else leans on.' },
  { category: 'dresses', title: 'Dresses', words: 'One decision, and you are dressed.' },
  { category: 'skirts', title: 'Skirts', words: 'Cut to walk in, not to stand about in.' },
  { category: 'trousers', title: 'Trousers', words: 'With pockets. Real ones.' },
  { category: 'denim', title: 'Denim', words: 'Stiff now, yours in a year.' },
  { category: 'tailoring', title: 'Tailoring', words: 'For the days on which you would like to be listened to.' },
  { category: 'sportswear', title: 'Sportswear', words: 'Made to be washed more often than worn.' },
  { category: 'shoes', title: 'Shoes', words: 'Soles that a cobbler can get off again.' },
  { category: 'bags', title: 'Bags', words: 'They carry what you carry, and a book.' },
  { category: 'accessories', title: 'Odds and ends', words: 'Small things that get left on trains.' },
];

export function titleOf(category: string): string {
  return shelves.find((shelf) => shelf.category === category)?.title ?? category;
}

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/** A price in cents as people write it. */
export function formatPrice(minor: number): string {
  return euros.format(minor / 100);
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

export function formatDay(iso: string): string {
  return day.format(new Date(iso));
}

/** An order as it is called on paper. */
export function shortId(orderId: string): string {
  return orderId.slice(0, 8).toUpperCase();
}

export function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
