'use client';
import type { ReactNode } from 'react';
import { formatCount } from '#app/_ui/format.ts';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { ServiceName, StateBadge } from '#app/_ui/state.tsx';
import type { Neighbour } from '../_data.ts';

function Verdict({ row }: { row: Neighbour }): ReactNode {
  if (row.declared && row.calls > 0) return <StateBadge tone="ok">Declared and seen</StateBadge>;
  if (row.declared) return <StateBadge tone="unknown">Declared, not seen</StateBadge>;
  return <StateBadge tone="risk">Seen, not declared</StateBadge>;
}

const columns: Column<Neighbour>[] = [
  {
    key: 'service',
    label: 'Service',
    value: (row) => row.service,
    render: (row) => <ServiceName name={row.service} />,
  },
  {
    key: 'verdict',
    label: 'Record and reality',
    value: (row) => (row.declared ? 0 : 2) + (row.calls > 0 ? 0 : 1),
    render: (row) => <Verdict row={row} />,
  },
  { key: 'calls', label: 'Calls', numeric: true, value: (row) => row.calls, render: (row) => formatCount(row.calls) },
];

/** Neighbours of a service: does the catalogue say what the traces show? */
export function NeighbourTable({
  rows,
  label,
  none,
}: {
  rows: readonly Neighbour[];
  label: string;
  none: string;
}): ReactNode {
  return (
    <RowTable
      rows={rows}
      columns={columns}
      rowKey={(row) => row.service}
      href={(row) => `/services/${encodeURIComponent(row.service)}/record`}
      label={label}
      none={none}
    />
  );
}
