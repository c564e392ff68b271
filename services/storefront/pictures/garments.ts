import type { Category } from '#services/catalog/contract';
import { drawAccessory } from './accessories.ts';
import { drawBag } from './bags.ts';
import type { Mark } from './ink.ts';
import { drawLegs, drawSkirt } from './lower.ts';
import { drawShoes } from './shoes.ts';
import { drawTorso, type Torso } from './torso.ts';

/** Numbers in [0, 1) that are the same for a product each time. */
type Chance = () => number;
type Drawing = (chance: Chance) => Mark[];

const between = (chance: Chance, from: number, to: number): number => Math.round(from + chance() * (to - from));

function torso(given: Partial<Torso>, stripes = 0): Drawing {
  return (chance) => {
    const hem = (given.hem ?? 340) + between(chance, -8, 8);
    return drawTorso({ ...given, hem, striped: chance() < stripes });
  };
}

const dress = (given: Partial<Torso>): Drawing =>
  torso({ sleeves: 'short', hem: 436, flare: 112, waist: 20, ...given });
const jumper = (given: Partial<Torso>, stripes = 0.3): Drawing => torso({ ribbed: true, hem: 338, ...given }, stripes);
const coat = (given: Partial<Torso>): Drawing => torso({ hem: 424, flare: 98, ...given });

const legs =
  (kind: Parameters<typeof drawLegs>[0]['kind'], hem: number, knee: number, cuff: number): Drawing =>
  (chance) =>
    drawLegs({ kind, hem: hem + between(chance, -8, 6), knee, cuff: cuff + between(chance, -2, 3) });

const skirt =
  (kind: Parameters<typeof drawSkirt>[0]['kind'], hem: number, flare: number): Drawing =>
  (chance) =>
    drawSkirt({ kind, hem: hem + between(chance, -12, 12), flare: flare + between(chance, -6, 8) });

/** A drawing for each thing that the shop sells, by the noun of its name. */
const drawings: Readonly<Record<string, Drawing>> = {
  'midi-dress': dress({ neck: 'crew' }),
  'wrap-dress': dress({ neck: 'deep', front: 'wrap', sleeves: 'long' }),
  'shirt-dress': dress({ neck: 'collar', front: 'buttons', hem: 420, flare: 98, waist: 10 }),
  'slip-dress': dress({ neck: 'straps', sleeves: 'none', flare: 100 }),
  'tea-dress': dress({ neck: 'deep', hem: 414, flare: 122, waist: 24 }),
  'roll-neck-jumper': jumper({ neck: 'roll' }),
  'crew-neck-jumper': jumper({ neck: 'crew' }, 0.45),
  cardigan: jumper({ neck: 'deep', front: 'buttons' }, 0),
  'cable-knit-jumper': jumper({ neck: 'crew', front: 'cables' }, 0),
  'knitted-vest': jumper({ neck: 'deep', sleeves: 'none', hem: 320 }, 0.4),
  'oxford-shirt': torso({ neck: 'collar', front: 'buttons', hem: 356 }),
  overshirt: torso({ neck: 'collar', front: 'buttons', hem: 350, flare: 90 }),
  'band-collar-shirt': torso({ neck: 'band', front: 'buttons', hem: 360 }, 0.25),
  'resort-shirt': torso({ neck: 'collar', front: 'buttons', sleeves: 'short', hem: 340, flare: 92 }, 0.2),
  't-shirt': torso({ neck: 'crew', sleeves: 'short', hem: 336 }, 0.35),
  camisole: torso({ neck: 'straps', sleeves: 'none', hem: 318, flare: 90 }),
  'long-sleeved-top': torso({ neck: 'boat', hem: 332 }, 0.6),
  'polo-shirt': torso({ neck: 'collar', sleeves: 'short', front: 'polo', hem: 338 }),
  'tank-top': torso({ neck: 'crew', sleeves: 'none', hem: 330 }, 0.3),
  'wide-leg-trousers': legs('pleats', 440, 74, 76),
  'tapered-trousers': legs('pleats', 424, 54, 34),
  chinos: legs('chinos', 432, 58, 44),
  'pleated-trousers': legs('pleats', 436, 64, 54),
  'straight-jeans': legs('jeans', 438, 58, 50),
  'slim-jeans': legs('jeans', 434, 50, 34),
  'wide-jeans': legs('jeans', 436, 72, 72),
  'denim-jacket': torso({ neck: 'collar', front: 'buttons', hem: 318, flare: 80 }),
  'midi-skirt': skirt('plain', 412, 112),
  'pleated-skirt': skirt('pleated', 392, 124),
  'pencil-skirt': skirt('pencil', 384, 66),
  'mini-skirt': skirt('mini', 292, 98),
  'trench-coat': coat({ neck: 'lapels', front: 'belted', waist: 10 }),
  'down-jacket': torso({ neck: 'funnel', front: 'zip', quilted: 'tubes', hem: 340, flare: 90 }),
  'wool-coat': coat({ neck: 'lapels', front: 'double', hem: 430 }),
  parka: coat({ neck: 'hood', front: 'zip', hem: 396 }),
  'quilted-gilet': torso({ neck: 'funnel', front: 'zip', sleeves: 'none', quilted: 'diamonds', hem: 342 }),
  blazer: torso({ neck: 'lapels', front: 'buttons', hem: 352, waist: 8 }),
  'double-breasted-blazer': torso({ neck: 'lapels', front: 'double', hem: 356, waist: 8 }),
  waistcoat: torso({ neck: 'lapels', front: 'buttons', sleeves: 'none', hem: 308, waist: 10, flare: 74 }),
  'suit-trousers': legs('pleats', 436, 58, 44),
  leggings: legs('leggings', 430, 42, 22),
  'running-shorts': legs('shorts', 274, 86, 88),
  'hooded-sweatshirt': jumper({ neck: 'hood', front: 'kangaroo' }, 0),
  'track-jacket': jumper({ neck: 'funnel', front: 'zip', hem: 326 }, 0),
  'chelsea-boots': () => drawShoes('boots'),
  loafers: () => drawShoes('loafers'),
  trainers: () => drawShoes('trainers'),
  'ballet-flats': () => drawShoes('flats'),
  sandals: () => drawShoes('sandals'),
  'tote-bag': () => drawBag('tote'),
  'cross-body-bag': () => drawBag('cross-body'),
  backpack: () => drawBag('backpack'),
  clutch: () => drawBag('clutch'),
  weekender: () => drawBag('weekender'),
  scarf: () => drawAccessory('scarf'),
  beanie: () => drawAccessory('beanie'),
  belt: () => drawAccessory('belt'),
  gloves: () => drawAccessory('gloves'),
  sunglasses: () => drawAccessory('sunglasses'),
};

/** What stands for a shelf, and for a thing on it whose name says nothing that can be drawn. */
export const typical: Readonly<Record<Category, string>> = {
  dresses: 'tea-dress',
  knitwear: 'cable-knit-jumper',
  shirts: 'oxford-shirt',
  tops: 'long-sleeved-top',
  trousers: 'pleated-trousers',
  denim: 'straight-jeans',
  skirts: 'pleated-skirt',
  outerwear: 'trench-coat',
  tailoring: 'double-breasted-blazer',
  sportswear: 'hooded-sweatshirt',
  shoes: 'chelsea-boots',
  bags: 'weekender',
  accessories: 'beanie',
};

/** All nouns, the longest first: `blazer` is at the end of more than one. */
export const nouns: readonly string[] = Object.keys(drawings).sort((one, other) => other.length - one.length);

/** The lines of a thing. @param noun one of `nouns` */
export function drawGarment(noun: string, chance: Chance): Mark[] {
  return drawings[noun]?.(chance) ?? [];
}
