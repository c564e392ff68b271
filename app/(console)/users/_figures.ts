import type { ResolvedRange } from '#app/_live/time-range.ts';
import type { ChartPoint } from '#app/_ui/time-chart.tsx';
import type { SessionMinute, WebVital } from '#telemetry/queries/rum';

type VitalName = WebVital['vital'];
export type Rating = 'good' | 'needs improvement' | 'poor';

/** Up to the first is good, beyond the second poor, at the 75th percentile; ms, CLS without unit. Source: web.dev/articles/vitals and the articles on TTFB and FCP. */
export const thresholds: Record<VitalName, readonly [good: number, poor: number]> = {
  lcp: [2_500, 4_000],
  inp: [200, 500],
  cls: [0.1, 0.25],
  fcp: [1_800, 3_000],
  ttfb: [800, 1_800],
};

export function rateVital(vital: VitalName, p75: number): Rating {
  const [good, poor] = thresholds[vital];
  if (p75 <= good) return 'good';
  return p75 <= poor ? 'needs improvement' : 'poor';
}

/** Sessions per minute and app, averaged over the steps of a range; its keys are the apps' names. A minute without any is 0. */
export function toSessionCourse(
  minutes: readonly SessionMinute[],
  { fromMs, toMs, stepSeconds }: ResolvedRange,
): { apps: string[]; points: ChartPoint[] } {
  const apps = [...new Set(minutes.map(({ app }) => app))].sort();
  const stepMs = stepSeconds * 1_000;
  const points: ChartPoint[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
    const point: ChartPoint = { atMs };
    for (const app of apps) point[app] = 0;
    points.push(point);
  }
  for (const { app, minuteMs, sessions } of minutes) {
    const point = points[Math.floor((minuteMs - fromMs) / stepMs)];
    if (point !== undefined) point[app] = (point[app] ?? 0) + sessions / (stepSeconds / 60);
  }
  return { apps, points };
}
