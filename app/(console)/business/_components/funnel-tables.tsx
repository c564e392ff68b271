'use client';
import { Progress, SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatCount, formatShare } from '#app/_ui/format.ts';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { Business } from '../_data.ts';
import { type FunnelCounts, type FunnelGroup, shareOf } from '../_figures.ts';

type Step = {
  key: keyof FunnelCounts;
  label: string;
  sessions: number;
  ofBefore: number | null;
  ofFirst: number | null;
};

const labels: readonly (readonly [keyof FunnelCounts, string])[] = [
  ['browsed', 'Browsed'],
  ['viewed', 'Viewed a product'],
  ['carts', 'Filled a cart'],
  ['checkouts', 'Went to checkout'],
  ['paid', 'Paid'],
];

function toSteps(funnel: FunnelCounts): Step[] {
  return labels.map(([key, label], index) => {
    const before = labels[index - 1]?.[0];
    return {
      key,
      label,
      sessions: funnel[key],
      ofBefore: before === undefined ? null : shareOf(funnel[key], funnel[before]),
      ofFirst: shareOf(funnel[key], funnel.browsed),
    };
  });
}

const write = (share: number | null): string => (share === null ? '–' : formatShare(share));

const stepColumns: Column<Step>[] = [
  { key: 'step', label: 'Step', render: (step) => step.label },
  { key: 'sessions', label: 'Sessions', numeric: true, render: (step) => formatCount(step.sessions) },
  { key: 'before', label: 'Of step before', numeric: true, render: (step) => write(step.ofBefore) },
  { key: 'first', label: 'Of first', numeric: true, render: (step) => write(step.ofFirst) },
  {
    key: 'bar',
    label: '',
    secondary: true,
    wide: true,
    render: (step) => <Progress value={(step.ofFirst ?? 0) * 100} size="lg" color="indigo.5" aria-hidden="true" />,
  },
];

const share = (key: keyof FunnelCounts, before: keyof FunnelCounts, label: string): Column<FunnelGroup> => ({
  key,
  label,
  numeric: true,
  secondary: key === 'viewed' || key === 'checkouts',
  value: (group) => group[key],
  render: (group) => (
    <>
      {formatCount(group[key])}{' '}
      <Text span size="xs" c="dimmed">
        {write(shareOf(group[key], group[before]))}
      </Text>
    </>
  ),
});

function groupColumns(label: string): Column<FunnelGroup>[] {
  return [
    { key: 'name', label, value: (group) => group.name, render: (group) => group.name },
    {
      key: 'browsed',
      label: 'Browsed',
      numeric: true,
      value: (group) => group.browsed,
      render: (group) => formatCount(group.browsed),
    },
    share('viewed', 'browsed', 'Viewed'),
    share('carts', 'viewed', 'Cart'),
    share('checkouts', 'carts', 'Checkout'),
    share('paid', 'checkouts', 'Paid'),
    {
      key: 'conversion',
      label: 'Of first',
      numeric: true,
      value: (group) => shareOf(group.paid, group.browsed) ?? 0,
      render: (group) => write(shareOf(group.paid, group.browsed)),
    },
  ];
}

const deviceColumns = groupColumns('Device');
const channelColumns = groupColumns('Channel');
const nameOf = (group: FunnelGroup): string => group.name;

/** From the first look to the paid order: all sessions, then by device and by channel. */
export function FunnelTables({ business }: { business: Business }): ReactNode {
  return (
    <>
      <Section
        title="From browsing to a paid order"
        aside="sessions of people in the range, each counted once; no crawlers, no partners’ programs"
      >
        <RowTable
          rows={toSteps(business.funnel)}
          columns={stepColumns}
          rowKey={(step) => step.key}
          label="Sessions by step"
        />
        <Text size="xs" c="dimmed" mt="xs">
          A session that came further counts at every step before. It is known from its first event: who only looks at
          lists of products leaves none. Checkout means that an order was placed; paid, that it was confirmed.
        </Text>
      </Section>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Section title="By device" aside="sessions, share of the step before">
          <RowTable rows={business.devices} columns={deviceColumns} rowKey={nameOf} label="Sessions by device" />
        </Section>
        <Section title="By channel" aside="sessions, share of the step before">
          <RowTable rows={business.channels} columns={channelColumns} rowKey={nameOf} label="Sessions by channel" />
        </Section>
      </SimpleGrid>
    </>
  );
}
