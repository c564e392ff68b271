import { expect, test } from 'vitest';
import { showIn } from './picture.tsx';

const jumper = { id: 'BW-0002', name: 'Merino jumper', category: 'knitwear' as const, colours: ['Black', 'Oat'] };
const size = { width: 800, height: 1_000 };
const any = { kind: 'image' as const, url: '/media/any.webp', alt: 'Folded', ...size };
const inOat = { kind: 'image' as const, url: '/media/oat.webp', alt: 'In oat', colour: 'Oat', ...size };

test('a product without pictures is drawn, in its first colour unless another is asked for', () => {
  expect(showIn(jumper)).toMatchObject({ alt: 'Merino jumper in black', width: 400, height: 500 });
  expect(showIn(jumper).src).toContain('/black/');
  expect(showIn(jumper, 'Oat').src).toContain('/oat/');
});

test('a picture of the colour is shown before one of any colour, and that before a drawing', () => {
  const pictured = { ...jumper, media: [any, inOat] };
  expect(showIn(pictured, 'Oat')).toEqual({ src: '/media/oat.webp', alt: 'In oat', ...size });
  expect(showIn(pictured, 'Black')).toEqual({ src: '/media/any.webp', alt: 'Folded', ...size });
  expect(showIn({ ...jumper, media: [inOat] }, 'Black').src).toMatch(/^\/_pictures\//);
});
