'use client';
import { Group, SimpleGrid, Skeleton } from '@mantine/core';
import { type ReactNode, use } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import type { Marker } from '#app/_server/markers.ts';
import type { SloRow } from '#app/_server/slo-row.ts';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { Chart } from '#app/_ui/chart.tsx';
import { formatNumber, formatWholeMoney } from '#app/_ui/format.ts';
import { MarkList } from '#app/_ui/mark-list.tsx';
import { RangePicker } from '#app/_ui/range-picker.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { FiguresData } from '../_data.ts';
import { ServiceTable } from './service-table.tsx';

function Business({ data, markers }: { data: FiguresData; markers: readonly Marker[] }): ReactNode {
  if (!data.business.ok) return <Unavailable store="telemetry" reason={data.business.reason} />;
  const { points, currency } = data.business.value;
  if (points.every((point) => point.orders === null)) {
    return (
      <Empty title="No order in this time" command="npm start">
        Orders come from the shop’s events; the load of the demo brings some every second:
      </Empty>
    );
  }
  const range = { fromMs: points[0]?.atMs ?? data.range.fromMs, toMs: data.range.toMs };
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Chart
        label="Orders confirmed"
        unit="per minute"
        points={points}
        series={[{ key: 'orders', label: 'Orders', color: 'indigo.5' }]}
        markers={markers}
        range={range}
        atLeast={7}
        format={formatNumber}
      />
      <Chart
        label="Revenue"
        unit={`${currency} per minute`}
        points={points}
        series={[{ key: 'revenueMinor', label: 'Revenue', color: 'teal.6' }]}
        markers={markers}
        range={range}
        atLeast={7_000}
        format={(value) => formatWholeMoney(value, currency)}
      />
    </SimpleGrid>
  );
}

function ServicesAside(): ReactNode {
  return (
    <Group gap="sm">
      <span>figures: last minute · courses:</span>
      <RangePicker />
    </Group>
  );
}

/** Holds the figures' place until the telemetry store has answered. */
export function FiguresSkeleton(): ReactNode {
  return (
    <>
      <Skeleton h={310} radius="sm" />
      <Skeleton h={305} radius="sm" />
    </>
  );
}

/** What the telemetry store knows: services and business. Its first value may come after the rest of the page. */
export function Figures({
  first,
  slos,
  markers,
}: {
  first: Promise<Snapshot<FiguresData>>;
  slos: readonly SloRow[];
  markers: readonly Marker[];
}): ReactNode {
  const figures = useLive(use(first));
  const all = figures.changes.ok ? [...markers, ...figures.changes.value] : markers;
  return (
    <>
      <Section title="Services" aside={<ServicesAside />}>
        {figures.services.ok ? (
          figures.services.value.length === 0 ? (
            <Empty title="No service has sent a span yet" command="OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318">
              Point a service’s OpenTelemetry SDK here:
            </Empty>
          ) : (
            <ServiceTable services={figures.services.value} slos={slos} />
          )
        ) : (
          <Unavailable store="telemetry" reason={figures.services.reason} />
        )}
      </Section>
      <Section title="Business" aside="whole minutes of the range">
        <Business data={figures} markers={all} />
        <MarkList markers={all} />
      </Section>
    </>
  );
}
