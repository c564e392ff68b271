import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelMarks, numberMarks } from './marks.ts';

const at = (atMs: number, kind: 'injected' | 'undone' | 'page' = 'page') => ({ atMs, kind, label: '', href: null });

it('marks are numbered in the order of time, and undoing has no number', () => {
  const marks = numberMarks([at(30), at(10, 'injected'), at(20, 'undone')]);
  expect(marks.map(({ number, atMs }) => [number, atMs])).toEqual([
    [1, 10],
    [2, 30],
  ]);
});

it('a fault and its page share a label, one far away has its own', () => {
  const marks = numberMarks([at(0, 'injected'), at(5), at(500)]);
  expect(labelMarks(marks, 1).map(({ text }) => text)).toEqual(['1–2', '3']);
});

it('labels never overlap and name every mark', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 60 }), (times) => {
      const labels = labelMarks(numberMarks(times.map((time) => at(time))), 0.7);
      let named = 0;
      let edgePx = Number.NEGATIVE_INFINITY;
      for (const { atMs, text } of labels) {
        const halfPx = (text.length * 7) / 2;
        expect(atMs * 0.7 - halfPx).toBeGreaterThan(edgePx);
        edgePx = atMs * 0.7 + halfPx;
        const [first = 0, last = first] = text.split('–').map(Number);
        expect(first).toBe(named + 1);
        named = last;
      }
      expect(named).toBe(times.length);
    }),
  );
});
