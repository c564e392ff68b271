import { expect, test } from 'vitest';
import { categories } from '#services/catalog/contract';
import { addressOf, pictureOf, pictureOfShelf } from './address.ts';
import { drawPicture } from './draw.ts';
import { nouns } from './garments.ts';

const jumper = {
  id: 'BW-0002',
  name: 'Cropped merino cable-knit jumper',
  category: 'knitwear',
  colours: ['Sky blue'],
} as const;

test('what a picture shows is read from the name: noun, material, colour', () => {
  const picture = { noun: 'cable-knit-jumper', material: 'merino', colour: 'sky-blue', number: 2 };
  expect(pictureOf({ ...jumper, colours: [...jumper.colours] })).toEqual(picture);
  expect(addressOf(picture)).toBe('/_pictures/1/cable-knit-jumper/merino/sky-blue/2.svg');
});

test('of two nouns that fit, the longer one is meant', () => {
  const blazer = {
    id: 'BW-0009',
    name: 'Slim linen double-breasted blazer',
    category: 'tailoring',
    colours: [],
  } as const;
  expect(pictureOf({ ...blazer, colours: [] })).toMatchObject({ noun: 'double-breasted-blazer', material: 'linen' });
});

test('a name that says nothing is drawn as what is typical of its shelf', () => {
  const thing = { id: 'BW-0010', name: 'Something else', category: 'bags', colours: ['Rust'] } as const;
  expect(pictureOf({ ...thing, colours: [...thing.colours] })).toMatchObject({ noun: 'weekender', material: '' });
});

test.each(nouns)('a %s is drawn, and drawn alike each time', (noun) => {
  const picture = { noun, material: 'wool', colour: 'navy', number: 41 };
  const svg = drawPicture(picture);
  expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 400 500"/);
  expect(svg.match(/<path /g)?.length).toBeGreaterThan(5);
  expect(svg).not.toMatch(/NaN|undefined/);
  expect(drawPicture(picture)).toBe(svg);
});

test('another colour, material or product is another picture', () => {
  const picture = { noun: 'parka', material: 'wool', colour: 'navy', number: 41 };
  const others = [{ colour: 'rust' }, { material: 'flannel' }, { number: 42 }].map((other) =>
    drawPicture({ ...picture, ...other }),
  );
  expect(new Set([drawPicture(picture), ...others]).size).toBe(4);
});

test.each(categories)('the shelf %s has a picture', (category) => {
  expect(nouns).toContain(pictureOfShelf(category, 'navy', 'wool').noun);
});
