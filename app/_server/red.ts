/** One step of a service's rate, errors and duration; null where nothing was measured. */
export type RedPoint = {
  atMs: number;
  perSecond: number | null;
  errorShare: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
};

type RedBucket = {
  service: string;
  bucketMs: number;
  requests: number;
  errors: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
};

/** Lays buckets on every step of the range, so that a gap in the data is a gap on the chart. */
export function toRedPoints(
  buckets: readonly RedBucket[],
  { fromMs, toMs, stepSeconds }: { fromMs: number; toMs: number; stepSeconds: number },
): RedPoint[] {
  const byStep = new Map(buckets.map((bucket) => [bucket.bucketMs, bucket]));
  const points: RedPoint[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepSeconds * 1_000) {
    const bucket = byStep.get(atMs);
    const measured = bucket !== undefined && bucket.requests > 0;
    points.push({
      atMs,
      perSecond: measured ? round(bucket.requests / stepSeconds) : null,
      errorShare: measured ? bucket.errors / bucket.requests : null,
      p50Ms: measured ? round(bucket.p50Ms) : null,
      p95Ms: measured ? round(bucket.p95Ms) : null,
      p99Ms: measured ? round(bucket.p99Ms) : null,
    });
  }
  return points;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
