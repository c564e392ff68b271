import { expect, it } from 'vitest';
import { toRedPoints } from './red.ts';

const bucket = { service: 'orders', errors: 1, p50Ms: 10, p95Ms: 20, p99Ms: 30 };

it('a step without requests is a gap, never a zero', () => {
  const points = toRedPoints(
    [
      { ...bucket, bucketMs: 0, requests: 20 },
      { ...bucket, bucketMs: 20_000, requests: 0, errors: 0 },
    ],
    { fromMs: 0, toMs: 40_000, stepSeconds: 10 },
  );
  expect(points.map((point) => point.perSecond)).toEqual([2, null, null, null]);
  expect(points[0]?.errorShare).toBe(0.05);
  expect(points[2]).toEqual({ atMs: 20_000, perSecond: null, errorShare: null, p50Ms: null, p95Ms: null, p99Ms: null });
});
