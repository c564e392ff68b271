import type { Category, ProductSummary } from '#services/catalog/contract';
import { slug } from './colours.ts';
import { nouns, typical } from './garments.ts';

/** All that a picture is drawn from. */
export type Picture = { noun: string; material: string; colour: string; number: number };

/** Where pictures are. It begins with an underscore like other files of a page: what customers ask for is the page. */
export const picturesPath = '/_pictures';

/** A new pen gives other pictures: browsers keep them for a year. */
const edition = '1';

/** What a product's picture shows, as its name says it: a fit, a material, and a noun. */
export function pictureOf({
  id,
  name,
  category,
  colours,
}: Pick<ProductSummary, 'id' | 'name' | 'category' | 'colours'>): Picture {
  const words = slug(name);
  const noun = nouns.find((each) => words === each || words.endsWith(`-${each}`));
  const material = noun === undefined ? '' : words.slice(words.indexOf('-') + 1, -noun.length - 1);
  const number = Number(id.replaceAll(/\D/g, '')) || 0;
  return { noun: noun ?? typical[category], material, colour: slug(colours[0] ?? ''), number };
}

/** What stands for a whole shelf. */
export function pictureOfShelf(category: Category, colour: string, material: string): Picture {
  return { noun: typical[category], material, colour, number: category.length };
}

export function addressOf({ noun, material, colour, number }: Picture): string {
  return `${picturesPath}/${edition}/${noun}/${material || 'plain'}/${colour || 'plain'}/${number}.svg`;
}
