import type { Tone } from './ink.ts';

/** The shop's colours, as they are called. */
const dyes: Readonly<Record<string, string>> = {
  black: '#2e2d30',
  white: '#f4f0e6',
  navy: '#2c3c5c',
  oat: '#d9c8a8',
  camel: '#bd8a52',
  'grey-marl': '#9a9b9b',
  olive: '#6b6f41',
  rust: '#ac4f2c',
  burgundy: '#712a3b',
  'sky-blue': '#8fb7d6',
};

/** Papers that things lie on. */
const papers = ['#e9e1d1', '#dfe5dc', '#ead9cd', '#d9e0e6', '#e8dfe1', '#e3e0c9'];

export type Palette = Record<Tone, string>;

/** A colour's name as it stands in an address. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** The colour of a dye, for a swatch; a dye that nobody knows is grey. */
export function dyeOf(colour: string): string {
  return dyes[slug(colour)] ?? '#9a9b9b';
}

/** All tones of a picture. */
export function paletteOf(colour: string, random: () => number): Palette {
  const base = dyeOf(colour);
  const isDark = luminance(base) < 0.12;
  const pale = luminance(base) > 0.6;
  const start = Math.floor(random() * papers.length);
  // On paper of its own colour nothing is seen.
  const paper = Array.from(papers, (_, index) => papers[(start + index) % papers.length] ?? base).find(
    (sheet) => Math.abs(luminance(sheet) - luminance(base)) > 0.12,
  );
  return {
    base,
    dark: mix(base, '#14110f', isDark ? 0.35 : 0.14),
    deep: isDark ? mix(base, '#ffffff', 0.24) : mix(base, '#14110f', pale ? 0.36 : 0.42),
    light: mix(base, '#ffffff', isDark ? 0.38 : 0.45),
    lining: mix(base, '#14110f', isDark ? 0.5 : 0.42),
    accent: pale ? '#2c3c5c' : isDark ? '#d9c8a8' : '#f4f0e6',
    metal: isDark || !pale ? '#cbb37c' : '#7a6a4f',
    sole: pale ? '#b98d5c' : '#efe7d6',
    paper: paper ?? '#c9bfae',
  };
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** @param share how much of the second, 0 to 1 */
function mix(one: string, other: string, share: number): string {
  const [from, to] = [channels(one), channels(other)];
  const parts = from.map((value, index) => Math.round(value + ((to[index] ?? 0) - value) * share));
  return `#${parts.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
