'use client';
import { SimpleGrid } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Marker } from '#app/_server/markers.ts';
import { readThresholdMs, type SloRow } from '#app/_server/slo-row.ts';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { Chart } from '#app/_ui/chart.tsx';
import { formatDuration, formatObjective, formatRate, formatShare } from '#app/_ui/format.ts';
import { MarkList } from '#app/_ui/mark-list.tsx';
import { Section } from '#app/_ui/section.tsx';
import { serviceColor } from '#app/_ui/service-color.ts';
import type { ServiceData } from '../_data.ts';

const noMarkers: Marker[] = [];
const noSlos: SloRow[] = [];

function errorThresholds(slos: readonly SloRow[]): { value: number; label: string }[] {
  return slos
    .filter((slo) => slo.sli === 'availability')
    .slice(0, 1)
    .map(({ objective }) => ({ value: 1 - objective, label: `allowed by ${formatObjective(objective)}` }));
}

function latencyThresholds(slos: readonly SloRow[]): { value: number; label: string }[] {
  return slos.flatMap((slo) => {
    const thresholdMs = readThresholdMs(slo.definition);
    const label = `${formatObjective(slo.objective)} under ${thresholdMs === null ? '' : formatDuration(thresholdMs)}`;
    return thresholdMs === null ? [] : [{ value: thresholdMs, label }];
  });
}

/** Rate, errors and duration over the range, with the objectives' lines and what happened meanwhile. */
export function RedCharts({ data }: { data: ServiceData }): ReactNode {
  const slos = data.control.ok ? data.control.value.slos : noSlos;
  const markers = [
    ...(data.control.ok ? data.control.value.markers : noMarkers),
    ...(data.changes.ok ? data.changes.value : noMarkers),
  ];
  const color = serviceColor(data.name);
  const common = { markers, range: data.range };
  if (!data.red.ok) {
    return (
      <Section title="Rate, errors, duration">
        <Unavailable store="telemetry" reason={data.red.reason} />
      </Section>
    );
  }
  const points = data.red.value;
  if (points.every((point) => point.perSecond === null)) {
    return (
      <Section title="Rate, errors, duration">
        <Empty title={`${data.name} answered no request in this time`}>
          Choose a longer time range, or send its spans to http://127.0.0.1:4318.
        </Empty>
      </Section>
    );
  }
  return (
    <Section title="Rate, errors, duration" aside={`per ${formatDuration(data.range.stepSeconds * 1_000)}`}>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        <Chart
          label="Requests"
          unit="per second"
          points={points}
          series={[{ key: 'perSecond', label: 'Requests', color }]}
          format={formatRate}
          {...common}
        />
        <Chart
          label="Errors"
          unit="share of requests"
          points={points}
          series={[{ key: 'errorShare', label: 'Errors', color }]}
          thresholds={errorThresholds(slos)}
          format={formatShare}
          atLeast={0.02}
          atMost={1}
          {...common}
        />
        <Chart
          label="Duration"
          unit="p50, p95, p99"
          points={points}
          series={[
            { key: 'p99Ms', label: 'p99', color: color.replace(/\.\d$/, '.3'), dashed: true },
            { key: 'p95Ms', label: 'p95', color },
            { key: 'p50Ms', label: 'p50', color: color.replace(/\.\d$/, '.9') },
          ]}
          thresholds={latencyThresholds(slos)}
          format={formatDuration}
          {...common}
        />
      </SimpleGrid>
      <MarkList markers={markers} />
    </Section>
  );
}
