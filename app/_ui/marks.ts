import type { Marker } from '#app/_server/markers.ts';

/** How the line of each kind of mark is drawn, and what it means in words. */
export const markLooks: Record<Marker['kind'], { color: string; strokeDasharray: string; meaning: string }> = {
  injected: { color: 'violet.6', strokeDasharray: '4 3', meaning: 'dashed, a fault injected' },
  undone: { color: 'gray.6', strokeDasharray: '1 4', meaning: 'dotted, undone' },
  page: { color: 'var(--mantine-color-text)', strokeDasharray: '0', meaning: 'solid, a page' },
  deploy: { color: 'teal.7', strokeDasharray: '9 4', meaning: 'long dashes, a new version' },
  flag: { color: 'indigo.5', strokeDasharray: '9 3 2 3', meaning: 'dashes and dots, a flag changed' },
};

/** A mark that has a number on the charts and a line in the list below them. */
export type NumberedMark = Marker & { number: number };

/** Numbers what a reader looks up, in the order of time; that a fault was undone is seen from its line alone. */
export function numberMarks(markers: readonly Marker[]): NumberedMark[] {
  return markers
    .filter(({ kind }) => kind !== 'undone')
    .sort((a, b) => a.atMs - b.atMs)
    .map((marker, index) => ({ ...marker, number: index + 1 }));
}

const digitPx = 7;
const gapPx = 6;

/**
 * The labels above the marks of a chart: `3`, or `3–5` above marks too near to each other for labels of their own.
 * @param pxPerMs how far the chart draws a millisecond
 * @returns at which mark each label stands (centred), never two that overlap
 */
export function labelMarks(marks: readonly NumberedMark[], pxPerMs: number): { atMs: number; text: string }[] {
  const groups: Group[] = [];
  for (const mark of marks) {
    const previous = groups.at(-1);
    const own = { first: mark, last: mark };
    if (previous === undefined || leftPx(own, pxPerMs) - rightPx(previous, pxPerMs) >= gapPx) {
      groups.push(own);
      continue;
    }
    previous.last = mark;
    mergeOverlapping(groups, pxPerMs);
  }
  return groups.map((group) => ({ atMs: centreMs(group), text: write(group) }));
}

type Group = { first: NumberedMark; last: NumberedMark };

// A group that grew has a longer label, which may now touch the group before it.
function mergeOverlapping(groups: Group[], pxPerMs: number): void {
  for (;;) {
    const [before, last] = groups.slice(-2);
    if (before === undefined || last === undefined || leftPx(last, pxPerMs) - rightPx(before, pxPerMs) >= gapPx) return;
    before.last = last.last;
    groups.pop();
  }
}

function write({ first, last }: Group): string {
  return first === last ? String(first.number) : `${first.number}–${last.number}`;
}

function centreMs({ first, last }: Group): number {
  return (first.atMs + last.atMs) / 2;
}

function leftPx(group: Group, pxPerMs: number): number {
  return centreMs(group) * pxPerMs - (write(group).length * digitPx) / 2;
}

function rightPx(group: Group, pxPerMs: number): number {
  return centreMs(group) * pxPerMs + (write(group).length * digitPx) / 2;
}
