/** Which of a picture's colours. `lining` is what one sees of the inside, `metal` buckles and buttons. */
export type Tone = 'base' | 'dark' | 'deep' | 'light' | 'lining' | 'accent' | 'metal' | 'sole' | 'paper';

/** One stroke of the pen: a surface (with the material on it unless it is `plain`), a line, or a dot. */
export type Mark =
  | { kind: 'area'; d: string; tone: Tone; plain: boolean }
  | { kind: 'line'; d: string; tone: Tone; width: number; dash: string }
  | { kind: 'dot'; x: number; y: number; r: number; tone: Tone };

export function area(d: string, tone: Tone = 'base', plain = false): Mark {
  return { kind: 'area', d, tone, plain };
}

export function line(d: string, { tone = 'deep', width = 2, dash = '' }: Partial<LineStyle> = {}): Mark {
  return { kind: 'line', d, tone, width, dash };
}
type LineStyle = { tone: Tone; width: number; dash: string };

export function dot(x: number, y: number, r = 4, tone: Tone = 'metal'): Mark {
  return { kind: 'dot', x, y, r, tone };
}

/** A thread that shows. */
export function stitch(d: string, tone: Tone = 'light'): Mark {
  return line(d, { tone, width: 1.6, dash: '5 3.5' });
}

/** Straight or curved (one or two control points), as offsets from the middle; the last pair is where it ends. */
export type Segment = readonly number[];

const middle = 200;

/** A closed shape that is the same on both sides of the middle, from its right half. Starts and ends on the middle. */
export function symmetric(start: readonly [number, number], segments: readonly Segment[]): string {
  const at = (side: 1 | -1, pairs: readonly number[]): string =>
    pairs.map((value, index) => (index % 2 === 0 ? middle + side * value : value)).join(' ');
  const letter = (length: number): string => (length === 2 ? 'L' : length === 4 ? 'Q' : 'C');
  const right = segments.map((segment) => `${letter(segment.length)}${at(1, segment)}`);
  const ends = [start, ...segments.map((segment) => segment.slice(-2))];
  const left = segments.map((segment, index) => {
    const controls = segment.slice(0, -2);
    const back = controls.length === 4 ? [...controls.slice(2), ...controls.slice(0, 2)] : controls;
    return `${letter(segment.length)}${at(-1, [...back, ...(ends[index] ?? [])])}`;
  });
  return `M${at(1, start)}${right.join('')}${left.reverse().join('')}Z`;
}

/** The same path on both sides: coordinates are offsets from the middle, `x y` in turn after each letter. */
function bothSides(path: string): [string, string] {
  const place = (side: 1 | -1): string =>
    path.replaceAll(/(-?[\d.]+)[ ,](-?[\d.]+)/g, (_all, x, y) => `${middle + side * Number(x)} ${y}`);
  return [place(1), place(-1)];
}

/** A closed shape on each side. */
export function pair(path: string, tone: Tone = 'base', plain = false): Mark[] {
  return bothSides(path).map((d) => area(d, tone, plain));
}

/** A line on each side. */
export function pairOfLines(path: string, style: Partial<LineStyle> = {}): Mark[] {
  return bothSides(path).map((d) => line(d, style));
}

/** Numbers in [0, 1) that belong to a product's number (mulberry32). */
export function chance(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
