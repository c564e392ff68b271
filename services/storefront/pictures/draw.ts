import type { Picture } from './address.ts';
import { paletteOf } from './colours.ts';
import { drawGarment } from './garments.ts';
import { chance, type Mark } from './ink.ts';
import { defineMaterial } from './materials.ts';

/** A picture of a product as SVG, 4 by 5, drawn from what the product is; the same for the same product. */
export function drawPicture({ noun, material, colour, number }: Picture): string {
  const random = chance(number);
  const palette = paletteOf(colour, random);
  const marks = drawGarment(noun, random);
  const turn = ((number * 7) % 9) - 4;
  const shade =
    '<linearGradient id="s" x1="0" x2="1"><stop offset="0" stop-opacity=".16"/><stop offset=".28" stop-opacity="0"/><stop offset=".72" stop-opacity="0"/><stop offset="1" stop-opacity=".18"/></linearGradient>';
  const shadow = marks.map((mark) => (mark.kind === 'area' ? `<path d="${mark.d}"/>` : '')).join('');
  const render = (mark: Mark): string => {
    const colourOf = palette[mark.tone];
    if (mark.kind === 'dot') return `<circle cx="${mark.x}" cy="${mark.y}" r="${mark.r}" fill="${colourOf}"/>`;
    if (mark.kind === 'line') {
      const dash = mark.dash === '' ? '' : ` stroke-dasharray="${mark.dash}"`;
      return `<path d="${mark.d}" fill="none" stroke="${colourOf}" stroke-width="${mark.width}" stroke-linecap="round" stroke-linejoin="round"${dash}/>`;
    }
    const rule = 'fill-rule="evenodd"';
    const surface = mark.plain
      ? ''
      : `<path d="${mark.d}" ${rule} fill="url(#m)"/><path d="${mark.d}" ${rule} fill="url(#s)"/>`;
    return `<path d="${mark.d}" ${rule} fill="${colourOf}"/>${surface}<path d="${mark.d}" fill="none" stroke="${palette.deep}" stroke-width="1.5" stroke-linejoin="round"/>`;
  };
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 500" width="400" height="500">` +
    `<defs>${defineMaterial(material, palette)}${shade}</defs>` +
    `<rect width="400" height="500" fill="${palette.paper}"/>` +
    `<g transform="rotate(${turn / 2} 200 250)">` +
    `<g transform="translate(9 13)" fill="#2a2018" fill-opacity=".13" fill-rule="evenodd">${shadow}</g>` +
    `${marks.map(render).join('')}</g></svg>`
  );
}
