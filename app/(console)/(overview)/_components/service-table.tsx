'use client';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SloRow } from '#app/_server/slo-row.ts';
import { formatDuration, formatRate, formatShare } from '#app/_ui/format.ts';
import { type Health, judgeHealth, toneRank } from '#app/_ui/health.ts';
import { useRangeQuery } from '#app/_ui/range-picker.tsx';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { serviceColor } from '#app/_ui/service-color.ts';
import { Sparkline } from '#app/_ui/sparkline.tsx';
import { ServiceName, StateBadge } from '#app/_ui/state.tsx';
import type { ServiceSummary } from '../_data.ts';

type Row = ServiceSummary & Health;

const unmeasured = (
  <Text span c="dimmed" size="sm">
    none
  </Text>
);

/** Errors first: on a phone the rest is a swipe away. */
const columns: Column<Row>[] = [
  {
    key: 'service',
    label: 'Service',
    value: (row) => row.service,
    render: (row) => <ServiceName name={row.service} />,
  },
  {
    key: 'state',
    label: 'State',
    value: (row) => toneRank[row.tone],
    render: (row) => <StateBadge tone={row.tone}>{row.word}</StateBadge>,
  },
  {
    key: 'errors',
    label: 'Errors',
    numeric: true,
    value: (row) => row.errorShare ?? -1,
    render: (row) => (row.errorShare === null ? unmeasured : formatShare(row.errorShare)),
  },
  {
    key: 'p95',
    label: 'p95',
    numeric: true,
    value: (row) => row.p95Ms ?? -1,
    render: (row) => (row.p95Ms === null ? unmeasured : formatDuration(row.p95Ms)),
  },
  {
    key: 'rate',
    label: 'Requests',
    numeric: true,
    value: (row) => row.perSecond ?? -1,
    render: (row) => (row.perSecond === null ? unmeasured : formatRate(row.perSecond)),
  },
  ...(
    [
      ['errorCourse', 'Errors, course', 'errorShare'],
      ['p95Course', 'p95, course', 'p95Ms'],
      ['rateCourse', 'Requests, course', 'perSecond'],
    ] as const
  ).map(([key, label, field]) => ({
    key,
    label,
    secondary: true,
    render: (row: Row) => (
      <Sparkline
        values={row.points.map((point) => point[field])}
        color={serviceColor(row.service)}
        label={`${label} of ${row.service} over the range`}
      />
    ),
  })),
];

// A shop that started minutes ago would otherwise be a few pixels at the end of an empty line.
function findBegin(services: readonly ServiceSummary[]): number {
  const begins = services
    .map(({ points }) => points.findIndex(({ perSecond }) => perSecond !== null))
    .filter((begin) => begin >= 0);
  return begins.length === 0 ? 0 : Math.min(...begins);
}

/** Rate, errors and latency of each service: figures of the last minute, courses of the range from its first data on. */
export function ServiceTable({
  services,
  slos,
}: {
  services: readonly ServiceSummary[];
  slos: readonly SloRow[];
}): ReactNode {
  const query = useRangeQuery();
  const begin = findBegin(services);
  return (
    <RowTable
      rows={services.map((row) => ({ ...row, points: row.points.slice(begin), ...judgeHealth(row.service, slos) }))}
      columns={columns}
      rowKey={(row) => row.service}
      href={(row) => `/services/${encodeURIComponent(row.service)}${query}`}
      label="Services"
    />
  );
}
