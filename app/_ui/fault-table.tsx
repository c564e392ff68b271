'use client';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FaultRow } from '#app/_server/faults.ts';
import { type Column, RowTable } from './row-table.tsx';
import { FaultBadge } from './state.tsx';
import { Ago, Lasting } from './time.tsx';

const order = { firing: 0, acknowledged: 1, resolved: 2 } as const;

const columns: Column<FaultRow>[] = [
  {
    key: 'number',
    label: 'Fault',
    render: (fault) => `#${fault.number} ${fault.service}`,
    value: (fault) => fault.number,
  },
  {
    key: 'state',
    label: 'State',
    render: (fault) => <FaultBadge state={fault.state} />,
    value: (fault) => order[fault.state],
  },
  {
    key: 'summary',
    label: 'What customers suffer',
    wide: true,
    render: (fault) => (
      <Text size="sm" lineClamp={4}>
        {fault.summary}
      </Text>
    ),
  },
  {
    key: 'onset',
    label: 'Began',
    render: (fault) => <Ago ms={fault.onsetAtMs} />,
    value: (fault) => fault.onsetAtMs,
  },
  {
    key: 'lasted',
    label: 'Lasted',
    numeric: true,
    secondary: true,
    render: (fault) => <Lasting fromMs={fault.onsetAtMs} toMs={fault.resolvedAtMs} />,
    value: (fault) => (fault.resolvedAtMs ?? Number.MAX_SAFE_INTEGER) - fault.onsetAtMs,
  },
];

/** Faults as rows that lead to their pages. */
export function FaultTable({ faults, label }: { faults: readonly FaultRow[]; label: string }): ReactNode {
  return (
    <RowTable
      rows={faults}
      columns={columns}
      rowKey={(fault) => fault.id}
      href={(fault) => `/faults/${fault.id}`}
      label={label}
    />
  );
}
