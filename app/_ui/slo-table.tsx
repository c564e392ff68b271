'use client';
import { Badge, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SloRow } from '#app/_server/slo-row.ts';
import { formatCount, formatObjective, formatShare } from './format.ts';
import { type Column, RowTable } from './row-table.tsx';
import { StateBadge } from './state.tsx';

const looks = {
  firing: { tone: 'hurt', word: 'Violated now', rank: 0 },
  pending: { tone: 'risk', word: 'At risk', rank: 1 },
  unknown: { tone: 'unknown', word: 'No data', rank: 2 },
  ok: { tone: 'ok', word: 'OK now', rank: 3 },
} as const;

const columns: Column<SloRow>[] = [
  {
    key: 'name',
    label: 'Objective',
    value: (slo) => slo.id,
    render: (slo) => (
      <Group component="span" gap={6} display="inline-flex" wrap="nowrap">
        <span>{slo.displayName}</span>
        {slo.automatic && (
          <Badge size="xs" variant="default" tt="none">
            automatic
          </Badge>
        )}
      </Group>
    ),
  },
  {
    key: 'state',
    label: 'State',
    value: (slo) => looks[slo.status].rank,
    render: (slo) => <StateBadge tone={looks[slo.status].tone}>{looks[slo.status].word}</StateBadge>,
  },
  {
    key: 'objective',
    label: 'Target',
    numeric: true,
    secondary: true,
    value: (slo) => slo.objective,
    render: (slo) => `${formatObjective(slo.objective)} in ${slo.windowDays} d`,
  },
  {
    key: 'bad',
    label: 'Bad, last 5 m',
    numeric: true,
    value: (slo) => (slo.good + slo.bad === 0 ? -1 : slo.bad / (slo.good + slo.bad)),
    render: (slo) =>
      slo.good + slo.bad === 0 ? (
        <Text span c="dimmed" size="sm">
          no events
        </Text>
      ) : (
        `${formatShare(slo.bad / (slo.good + slo.bad))} of ${formatCount(slo.good + slo.bad)}`
      ),
  },
  { key: 'service', label: 'Service', secondary: true, value: (slo) => slo.service, render: (slo) => slo.service },
];

/** Objectives with their state; a row leads to the service. */
export function SloTable({ slos }: { slos: readonly SloRow[] }): ReactNode {
  return (
    <RowTable
      rows={slos}
      columns={columns}
      rowKey={(slo) => slo.id}
      href={(slo) => `/services/${encodeURIComponent(slo.service)}`}
      label="Objectives"
    />
  );
}
