import { expect, it } from 'vitest';
import { layOut } from './_waterfall.ts';

const span = (spanId: string, parentSpanId: string, startMs: number) => ({
  spanId,
  parentSpanId,
  startMs,
  service: 's',
  kind: 'server',
  name: spanId,
  durationMs: 1,
  error: false,
  statusMessage: '',
  attributes: {},
  events: [],
});

const shape = (spans: ReturnType<typeof span>[]): string[] =>
  layOut(spans).map(({ spanId, depth, offsetMs }) => `${spanId}@${depth}+${offsetMs}`);

it('children stand below their parent in the order of their start, wherever they arrived', () => {
  expect(shape([span('c2', 'a', 30), span('d', 'c1', 20), span('a', '', 0), span('c1', 'a', 10)])).toEqual([
    'a@0+0',
    'c1@1+10',
    'd@2+20',
    'c2@1+30',
  ]);
});

it('a span whose parent has not arrived stands at the top', () => {
  expect(shape([span('a', '', 0), span('orphan', 'missing', 5)])).toEqual(['a@0+0', 'orphan@0+5']);
});

it('every span is shown once, even in a cycle', () => {
  expect(shape([span('x', 'y', 0), span('y', 'x', 1)])).toEqual(['x@0+0', 'y@1+1']);
});
