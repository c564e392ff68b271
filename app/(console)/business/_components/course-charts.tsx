'use client';
import { SimpleGrid } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type { ResolvedRange } from '#app/_live/time-range.ts';
import type { Marker } from '#app/_server/injections.ts';
import { Chart } from '#app/_ui/chart.tsx';
import { formatDuration, formatNumber, formatShare, formatWholeMoney } from '#app/_ui/format.ts';
import type { ChartPoint } from '#app/_ui/time-chart.tsx';
import type { Business } from '../_data.ts';
import type { Comparison, CoursePoint } from '../_figures.ts';

/** What the dashed lines are, in words. */
export const comparisonNames: Record<Comparison, string> = {
  'day-before': 'Same time the day before',
  preceding: 'Equal time just before',
  none: 'Nothing to compare with',
};

const keys = ['conversion', 'abandonment', 'perMinute', 'revenueMinor'] as const;
type Key = (typeof keys)[number];

function withBefore(course: readonly CoursePoint[], before: readonly CoursePoint[]): ChartPoint[] {
  return course.map((point, index) => {
    const earlier = before[index];
    const row: ChartPoint = { atMs: point.atMs };
    for (const key of keys) {
      row[key] = point[key];
      row[`${key}Before`] = earlier?.[key] ?? null;
    }
    return row;
  });
}

/** Conversion, abandonment, orders and revenue over the range, with an earlier time dashed. */
export function CourseCharts({
  business,
  range,
  markers,
}: {
  business: Business;
  range: ResolvedRange;
  markers: readonly Marker[];
}): ReactNode {
  const { course, before, currency } = business;
  const points = useMemo(() => withBefore(course, before.course), [course, before.course]);
  const step = formatDuration(range.stepSeconds * 1_000);
  const series = (key: Key, label: string, color: string) => [
    { key, label, color },
    ...(before.kind === 'none'
      ? []
      : [{ key: `${key}Before`, label: comparisonNames[before.kind], color: 'gray.6', dashed: true }]),
  ];
  // The section says what the dashed lines are.
  const common = { points, markers, range, withLegend: false };
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Chart
        label="Conversion"
        unit="sessions paid, of sessions begun"
        series={series('conversion', 'Conversion', 'indigo.5')}
        format={formatShare}
        atLeast={0.1}
        atMost={1}
        {...common}
      />
      <Chart
        label="Abandonment"
        unit="carts not paid, of carts filled"
        series={series('abandonment', 'Abandonment', 'orange.6')}
        format={formatShare}
        atLeast={0.1}
        atMost={1}
        {...common}
      />
      <Chart
        label="Orders paid"
        unit="per minute"
        series={series('perMinute', 'Orders', 'cyan.7')}
        format={formatNumber}
        atLeast={7}
        {...common}
      />
      <Chart
        label="Revenue"
        unit={`${currency} per ${step}`}
        series={series('revenueMinor', 'Revenue', 'teal.6')}
        format={(value) => formatWholeMoney(value, currency)}
        atLeast={7_000}
        {...common}
      />
    </SimpleGrid>
  );
}
