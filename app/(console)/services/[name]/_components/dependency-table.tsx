'use client';
import type { ReactNode } from 'react';
import { formatCount, formatDuration, formatShare } from '#app/_ui/format.ts';
import { useRangeQuery } from '#app/_ui/range-picker.tsx';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { ServiceName } from '#app/_ui/state.tsx';
import type { Dependency } from '../_data.ts';

const columns: Column<Dependency>[] = [
  {
    key: 'service',
    label: 'Service',
    value: (row) => row.service,
    render: (row) => <ServiceName name={row.service} />,
  },
  { key: 'calls', label: 'Calls', numeric: true, value: (row) => row.calls, render: (row) => formatCount(row.calls) },
  {
    key: 'errors',
    label: 'Failed',
    numeric: true,
    value: (row) => row.errorShare,
    render: (row) => formatShare(row.errorShare),
  },
  { key: 'p95', label: 'p95', numeric: true, value: (row) => row.p95Ms, render: (row) => formatDuration(row.p95Ms) },
];

/** Neighbours on the service map. */
export function DependencyTable({
  rows,
  label,
  none,
}: {
  rows: readonly Dependency[];
  label: string;
  none: string;
}): ReactNode {
  const query = useRangeQuery();
  return (
    <RowTable
      rows={rows}
      columns={columns}
      rowKey={(row) => row.service}
      href={(row) => `/services/${encodeURIComponent(row.service)}${query}`}
      label={label}
      none={none}
    />
  );
}
