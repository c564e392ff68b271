import { expect, test } from 'vitest';
import { rateVital, toSessionCourse } from './_figures.ts';

test('a vital on its threshold still has the better rating', () => {
  expect([2_500, 2_501, 4_000, 4_001].map((p75) => rateVital('lcp', p75))).toEqual([
    'good',
    'needs improvement',
    'needs improvement',
    'poor',
  ]);
  expect([rateVital('cls', 0.1), rateVital('cls', 0.3), rateVital('inp', 201)]).toEqual([
    'good',
    'poor',
    'needs improvement',
  ]);
});

test('sessions per minute are averaged over longer steps, and a step without any is zero', () => {
  const minutes = [
    { app: 'shop', minuteMs: 0, sessions: 3 },
    { app: 'shop', minuteMs: 60_000, sessions: 6 },
    { app: 'blog', minuteMs: 240_000, sessions: 9 },
    { app: 'blog', minuteMs: 999_960_000, sessions: 9 },
  ];
  expect(toSessionCourse(minutes, { fromMs: 0, toMs: 360_000, stepSeconds: 180 })).toEqual({
    apps: ['blog', 'shop'],
    points: [
      { atMs: 0, blog: 0, shop: 3 },
      { atMs: 180_000, blog: 3, shop: 0 },
    ],
  });
});
