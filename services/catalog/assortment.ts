import type { Category, NewSale, Product, Variant } from './contract.ts';
import { categories } from './contract.ts';

type Colour = { code: string; name: string };

type Style = {
  nouns: readonly string[];
  materials: readonly string[];
  sizes: readonly string[];
  /** Price range in whole euros. */
  from: number;
  to: number;
};

const brands = ['Ostra', 'Halden & Rye', 'Nordlys', 'Maison Calder', 'Verano', 'Field Ledger', 'Aube', 'Tidewater'];

const colours: readonly Colour[] = [
  { code: 'BLK', name: 'Black' },
  { code: 'WHT', name: 'White' },
  { code: 'NVY', name: 'Navy' },
  { code: 'OAT', name: 'Oat' },
  { code: 'CAM', name: 'Camel' },
  { code: 'GRY', name: 'Grey marl' },
  { code: 'OLV', name: 'Olive' },
  { code: 'RST', name: 'Rust' },
  { code: 'BUR', name: 'Burgundy' },
  { code: 'SKY', name: 'Sky blue' },
];

const letters = ['XS', 'S', 'M', 'L', 'XL'];
const waists = ['W28', 'W30', 'W32', 'W34', 'W36'];
const shoes = ['37', '38', '39', '40', '41', '42', '43'];
const one = ['ONE'];

const styles: Record<Category, Style> = {
  dresses: style(
    'Midi dress|Wrap dress|Shirt dress|Slip dress|Tea dress',
    'Crêpe|Linen|Satin|Jersey|Cotton poplin',
    letters,
    59,
    249,
  ),
  knitwear: style(
    'Roll-neck jumper|Crew-neck jumper|Cardigan|Cable-knit jumper|Knitted vest',
    'Merino|Cashmere|Lambswool|Alpaca',
    letters,
    49,
    229,
  ),
  shirts: style(
    'Oxford shirt|Overshirt|Band-collar shirt|Resort shirt',
    'Cotton|Linen|Flannel|Poplin|Tencel',
    letters,
    39,
    129,
  ),
  tops: style(
    'T-shirt|Camisole|Long-sleeved top|Polo shirt|Tank top',
    'Organic cotton|Modal|Silk|Ribbed cotton',
    letters,
    19,
    99,
  ),
  trousers: style(
    'Wide-leg trousers|Tapered trousers|Chinos|Pleated trousers',
    'Wool|Linen|Cotton twill|Corduroy',
    waists,
    59,
    179,
  ),
  denim: style('Straight jeans|Slim jeans|Wide jeans|Denim jacket', 'Rigid|Washed|Selvedge|Stretch', waists, 69, 189),
  skirts: style('Midi skirt|Pleated skirt|Pencil skirt|Mini skirt', 'Satin|Wool|Denim|Suede', letters, 49, 169),
  outerwear: style(
    'Trench coat|Down jacket|Wool coat|Parka|Quilted gilet',
    'Water-repellent|Recycled|Double-faced|Boiled wool',
    letters,
    129,
    549,
  ),
  tailoring: style(
    'Blazer|Double-breasted blazer|Waistcoat|Suit trousers',
    'Wool|Hopsack|Linen|Stretch wool',
    letters,
    99,
    449,
  ),
  sportswear: style(
    'Leggings|Running shorts|Hooded sweatshirt|Track jacket',
    'Recycled|Seamless|Fleece|Lightweight',
    letters,
    29,
    119,
  ),
  shoes: style('Chelsea boots|Loafers|Trainers|Ballet flats|Sandals', 'Leather|Suede|Canvas|Patent', shoes, 59, 299),
  bags: style('Tote bag|Cross-body bag|Backpack|Clutch|Weekender', 'Leather|Canvas|Nylon|Suede', one, 49, 399),
  accessories: style('Scarf|Beanie|Belt|Gloves|Sunglasses', 'Cashmere|Merino|Leather|Silk', one, 19, 149),
};

const fits = ['Relaxed', 'Classic', 'Slim', 'Cropped', 'Oversized', 'Everyday', 'Heritage', 'Essential'];

function style(nouns: string, materials: string, sizes: readonly string[], from: number, to: number): Style {
  return { nouns: nouns.split('|'), materials: materials.split('|'), sizes, from, to };
}

/** Products of one category; 13 categories make 520. */
const perCategory = 40;

/** The shop's assortment, the same for the same seed. Prices end in 90 cents and are in cents. */
export function createAssortment(seed = 2026): Product[] {
  const random = createRandom(seed);
  return Array.from({ length: categories.length * perCategory }, (_, index) => {
    // Categories take turns, so that any page of the list is mixed.
    const category = categories[index % categories.length] ?? 'tops';
    return createProduct({ number: index + 1, category, random });
  });
}

const dayMs = 24 * 3_600_000;

/** Sales of the assortment: every twentieth product a fifth cheaper, for one to seven days from now on. */
export function createSales(assortment: readonly Product[], nowMs: number): { productId: string; sale: NewSale }[] {
  const chosen = assortment.filter((_, index) => index % 20 === 3);
  return chosen.map(({ id, priceMinor }, index) => {
    const days = 1 + (index % 7);
    const validTo = new Date(nowMs + days * dayMs).toISOString();
    const reducedMinor = Math.floor((priceMinor * 0.8) / 100) * 100 + 90;
    return { productId: id, sale: { priceMinor: reducedMinor, validFrom: new Date(nowMs).toISOString(), validTo } };
  });
}

type Seed = { number: number; category: Category; random: () => number };

function createProduct({ number, category, random }: Seed): Product {
  const { nouns, materials, sizes, from, to } = styles[category];
  const id = `BW-${String(number).padStart(4, '0')}`;
  const material = pick(materials, random);
  const noun = pick(nouns, random);
  const name = `${pick(fits, random)} ${material.toLowerCase()} ${noun.toLowerCase()}`;
  const brand = pick(brands, random);
  const priceMinor = (from + Math.floor(random() * random() * (to - from))) * 100 + 90;
  const chosen = pickSome(colours, 1 + Math.floor(random() * 4), random);
  const common = { productId: id, name, brand, priceMinor, currency: 'EUR' } as const;
  const variants: Variant[] = chosen.flatMap((colour) =>
    sizes.map((size) => ({ sku: `${id}-${colour.code}-${size}`, ...common, colour: colour.name, size })),
  );
  return {
    id,
    name,
    brand,
    category,
    priceMinor,
    currency: 'EUR',
    colours: chosen.map((colour) => colour.name),
    description: `${noun} by ${brand} in ${material.toLowerCase()}, made to be worn for years.`,
    sizes: [...sizes],
    variants,
  };
}

/** Uniform numbers in [0, 1): mulberry32 (public domain, T. Ettinger, 2017). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function pickSome<Item>(items: readonly Item[], count: number, random: () => number): Item[] {
  const left = [...items];
  return Array.from({ length: Math.min(count, items.length) }, () => {
    const [item] = left.splice(Math.floor(random() * left.length), 1);
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  });
}
