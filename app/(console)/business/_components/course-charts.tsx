'use client';
import { Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type { ResolvedRange } from '#app/_live/time-range.ts';
import type { Loaded } from '#app/_server/loaded.ts';
import type { Marker } from '#app/_server/markers.ts';
import { Unavailable } from '#app/_ui/absence.tsx';
import { Chart } from '#app/_ui/chart.tsx';
import { formatDuration, formatNumber, formatObjective, formatShare, formatWholeMoney } from '#app/_ui/format.ts';
import type { ChartPoint } from '#app/_ui/time-chart.tsx';
import type { Business, Slis } from '../_data.ts';
import type { Comparison, CoursePoint } from '../_figures.ts';
import type { Promises } from '../_slis.ts';

/** What the dashed lines are, in words. */
export const comparisonNames: Record<Comparison, string> = {
  'day-before': 'Same time the day before',
  'week-before': 'Same time a week before',
  preceding: 'Equal time just before',
  none: 'Nothing to compare with',
};

const keys = ['conversion', 'abandonment', 'perMinute', 'revenueMinor'] as const;
type Key = (typeof keys)[number];

type Around = { range: ResolvedRange; markers: readonly Marker[] };

/** Seven charts are looked at together: they share one axis of time and have to fit a screen. */
const heightPx = 135;

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

function MoneyCharts({ business, range, markers }: Around & { business: Business }): ReactNode {
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
  const common = { points, markers, range, withLegend: false, heightPx };
  return (
    <>
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
    </>
  );
}

function allowed(share: number | null): { value: number; label: string }[] {
  return share === null ? [] : [{ value: share, label: `promised: at most ${formatObjective(share)}` }];
}

function SliCharts({ slis, range, markers }: Around & { slis: NonNullable<Slis> }): ReactNode {
  const { points, promises, service } = slis;
  const common = { points, markers, range, heightPx };
  const shares: [keyof Omit<Promises, 'latencyMs'>, string, string][] = [
    ['checkoutsFailed', 'Checkouts that failed', 'share of checkouts, by no fault of the customer'],
    ['requestsFailed', 'Requests that failed', `share of all that ${service} was asked`],
  ];
  return (
    <>
      {shares.map(([key, label, unit]) => (
        <Chart
          key={key}
          label={label}
          unit={unit}
          series={[{ key, label, color: 'grape.6' }]}
          thresholds={allowed(promises[key])}
          format={formatShare}
          atLeast={0.02}
          atMost={1}
          {...common}
        />
      ))}
      <Chart
        label="Waiting time"
        unit="19 of 20 requests were answered within (p95)"
        series={[{ key: 'p95Ms', label: 'p95', color: 'grape.6' }]}
        thresholds={
          promises.latencyMs === null
            ? []
            : [{ value: promises.latencyMs, label: `promised: ${formatDuration(promises.latencyMs)} or less` }]
        }
        format={formatDuration}
        {...common}
      />
    </>
  );
}

/** What was sold, and below it on the same axis of time what customers felt; an earlier time is dashed. */
export function CourseCharts({
  business,
  slis,
  ...around
}: Around & { business: Business; slis: Loaded<Slis> }): ReactNode {
  return (
    <Stack gap="xs">
      <MoneyCharts business={business} {...around} />
      <Text size="sm" fw={600} mt={4}>
        What customers felt meanwhile
      </Text>
      {!slis.ok && <Unavailable store="telemetry" reason={slis.reason} />}
      {slis.ok && slis.value === null && (
        <Text size="sm" c="dimmed">
          No objective promises that checkouts succeed, so there is nothing to measure them against: declare one with
          the label sli: checkout.
        </Text>
      )}
      {slis.ok && slis.value !== null && <SliCharts slis={slis.value} {...around} />}
    </Stack>
  );
}
