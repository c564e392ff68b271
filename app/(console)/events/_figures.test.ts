import { expect, test } from 'vitest';
import type { MessageCount } from '#telemetry/queries/messaging';
import { toConsumers, toEventTypes, toLagCourse, toMessageCourse } from './_figures.ts';

const range = { fromMs: 0, toMs: 30_000, stepSeconds: 10 };
const counts: MessageCount[] = [
  { kind: 'published', name: 'a', atMs: 0, count: 20 },
  { kind: 'published', name: 'b', atMs: 0, count: 10 },
  { kind: 'published', name: 'b', atMs: 20_000, count: 30 },
  { kind: 'done', name: 'mails', atMs: 10_000, count: 5 },
  { kind: 'retried', name: 'mails', atMs: 10_000, count: 2 },
  { kind: 'dead-lettered', name: 'stock', atMs: 20_000, count: 1 },
];

test('messages per second are summed over types and consumers, and 0 where there were none', () => {
  expect(toMessageCourse(counts, range, 35_000)).toEqual([
    { atMs: 0, published: 3, done: 0, retried: 0, 'dead-lettered': 0 },
    { atMs: 10_000, published: 0, done: 0.5, retried: 0.2, 'dead-lettered': 0 },
    { atMs: 20_000, published: 3, done: 0, retried: 0, 'dead-lettered': 0.1 },
  ]);
});

test('a step is a gap until what was reported in it is stored', () => {
  expect(toMessageCourse(counts, range, 34_999).map(({ published }) => published)).toEqual([3, 0, null]);
});

test('the six consumers that were furthest behind are drawn, with gaps; the others are counted', () => {
  const lags = Array.from({ length: 8 }, (_, index) => ({ queue: `q${index}`, atMs: 10_000, lag: index }));
  const { queues, points, others } = toLagCourse(lags, range);
  expect(queues).toEqual(['q2', 'q3', 'q4', 'q5', 'q6', 'q7']);
  expect(others).toBe(2);
  expect(points.map(({ q7 }) => q7)).toEqual([null, 7, null]);
});

test('a consumer is shown for what it did or for what waits for it', () => {
  const lags = [
    { queue: 'idle', atMs: 0, lag: 9 },
    { queue: 'idle', atMs: 10_000, lag: 4 },
  ];
  const none = { done: 0, retried: 0, deadLettered: 0, meanMs: null, lag: null };
  expect(toConsumers(counts, lags, [{ queue: 'mails', seconds: 0.35, messages: 7 }])).toEqual([
    { ...none, queue: 'idle', lag: 4 },
    { ...none, queue: 'mails', done: 5, retried: 2, meanMs: expect.closeTo(50) },
    { ...none, queue: 'stock', deadLettered: 1 },
  ]);
});

test('event types come with their mean rate, the most frequent first', () => {
  expect(toEventTypes(counts, range)).toEqual([
    { type: 'b', published: 40, perSecond: expect.closeTo(40 / 30) },
    { type: 'a', published: 20, perSecond: expect.closeTo(20 / 30) },
  ]);
});
