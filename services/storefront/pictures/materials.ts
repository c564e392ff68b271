import type { Palette } from './colours.ts';

/** How a surface looks: a tile of lines that is repeated over it, or a sheen across it. */
type Surface =
  | { kind: 'tile'; width: number; height: number; turn: number; marks: string }
  | { kind: 'sheen'; stops: [number, number][] };

const stroke = (d: string, colour: string, width = 1, opacity = 0.5): string =>
  `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-opacity="${opacity}" stroke-linecap="round"/>`;

function tile(width: number, height: number, marks: string, turn = 0): Surface {
  return { kind: 'tile', width, height, turn, marks };
}

type Weaver = (palette: Palette) => Surface;

const knit: Weaver = ({ deep, light }) =>
  tile(9, 8, stroke('M0.5 1L4.5 6L8.5 1', deep, 1.5, 0.42) + stroke('M0.5 3L4.5 8L8.5 3', light, 1, 0.2));
const fuzzy: Weaver = ({ deep, light }) =>
  tile(
    14,
    12,
    stroke('M1 3l2 -2M6 9l2 1M10 4l2 1M3 10l1 -2', light, 1.3, 0.5) + stroke('M4 5l2 1M11 9l1 -2', deep, 1.1, 0.4),
  );
const linen: Weaver = ({ deep, light }) =>
  tile(22, 18, stroke('M0 4H9M13 4H22M3 11H22M0 15H6', deep, 1, 0.28) + stroke('M5 0V18M16 0V11', light, 1, 0.3));
const weave: Weaver = ({ deep }) => tile(6, 6, stroke('M0 1.5H3M3 4.5H6', deep, 1, 0.24));
const basket: Weaver = ({ deep, light }) =>
  tile(
    12,
    12,
    stroke('M1 2H5M1 5H5M7 8H11M7 11H11', deep, 1.2, 0.34) + stroke('M8 1V5M11 1V5M2 7V11M5 7V11', light, 1.2, 0.3),
  );
const ribs: Weaver = ({ deep, light }) =>
  tile(8, 10, stroke('M2 0V10', deep, 2, 0.4) + stroke('M5.5 0V10', light, 1.6, 0.3));
const cord: Weaver = ({ deep, light }) =>
  tile(12, 10, stroke('M2 0V10', deep, 3.4, 0.42) + stroke('M8 0V10', light, 3, 0.34));
const twill: Weaver = ({ deep, light }) =>
  tile(7, 7, stroke('M0 3.5H7', deep, 1.5, 0.4) + stroke('M0 6H7', light, 0.9, 0.34), -52);
const herringbone: Weaver = ({ deep }) => tile(20, 10, stroke('M0 10L10 0L20 10M0 20L10 10L20 20', deep, 1.5, 0.36));
const tartan: Weaver = ({ deep, accent, light }) =>
  tile(
    52,
    52,
    stroke('M10 0V52M0 10H52', deep, 13, 0.34) +
      stroke('M34 0V52M0 34H52', accent, 2.4, 0.62) +
      stroke('M42 0V52M0 42H52', light, 5, 0.28),
  );
const speckle: Weaver = ({ deep, light }) =>
  tile(12, 12, stroke('M2 2h.1M8 5h.1M4 9h.1', deep, 1.7, 0.34) + stroke('M6 2h.1M10 10h.1M1 6h.1', light, 1.6, 0.34));
const ripstop: Weaver = ({ deep }) => tile(13, 13, stroke('M0 0H13M0 0V13', deep, 1, 0.36));
const crepe: Weaver = ({ deep }) => tile(16, 8, stroke('M0 4q4 -3 8 0t8 0', deep, 1, 0.3));
const fleck: Weaver = ({ deep, accent }) =>
  tile(30, 26, stroke('M4 5h2M18 17h2', accent, 1.7, 0.6) + stroke('M13 8h2M25 3h2M8 20h2M27 22h1', deep, 1.5, 0.5));
const smooth: Weaver = () => ({
  kind: 'sheen',
  stops: [
    [0, 0],
    [0.35, 0.16],
    [0.6, 0],
    [1, 0],
  ],
});
const satin: Weaver = () => ({
  kind: 'sheen',
  stops: [
    [0, 0],
    [0.22, 0.42],
    [0.36, 0.02],
    [0.58, 0.34],
    [0.74, 0],
    [1, 0.2],
  ],
});
const gloss: Weaver = () => ({
  kind: 'sheen',
  stops: [
    [0, 0.02],
    [0.3, 0.4],
    [0.38, 0.06],
    [1, 0],
  ],
});

const weavers: Readonly<Record<string, Weaver>> = {
  merino: knit,
  cashmere: fuzzy,
  lambswool: knit,
  alpaca: fuzzy,
  linen,
  'cr-pe': crepe,
  satin,
  silk: satin,
  jersey: smooth,
  modal: smooth,
  tencel: smooth,
  cotton: weave,
  'cotton-poplin': weave,
  poplin: weave,
  'organic-cotton': weave,
  'cotton-twill': twill,
  flannel: tartan,
  'ribbed-cotton': ribs,
  corduroy: cord,
  wool: herringbone,
  'stretch-wool': herringbone,
  'boiled-wool': fuzzy,
  'double-faced': smooth,
  hopsack: basket,
  rigid: twill,
  washed: twill,
  selvedge: twill,
  stretch: twill,
  denim: twill,
  suede: speckle,
  leather: gloss,
  patent: satin,
  canvas: basket,
  nylon: ripstop,
  'water-repellent': ripstop,
  recycled: fleck,
  seamless: ribs,
  fleece: fuzzy,
  lightweight: ripstop,
};

/** The definition `#m` of a material's surface; plain where nobody knows the material. */
export function defineMaterial(material: string, palette: Palette): string {
  const surface = (weavers[material] ?? smooth)(palette);
  if (surface.kind === 'sheen') {
    const stops = surface.stops.map(
      ([offset, opacity]) => `<stop offset="${offset}" stop-color="#fff" stop-opacity="${opacity}"/>`,
    );
    return `<linearGradient id="m" x1="0" y1="0" x2="1" y2=".55">${stops.join('')}</linearGradient>`;
  }
  const { width, height, turn, marks } = surface;
  const turned = turn === 0 ? '' : ` patternTransform="rotate(${turn})"`;
  return `<pattern id="m" width="${width}" height="${height}" patternUnits="userSpaceOnUse"${turned}>${marks}</pattern>`;
}
