'use client';
import { Button, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { formatCount, formatDuration, formatMoney, formatShare } from '#app/_ui/format.ts';
import { MarkList } from '#app/_ui/mark-list.tsx';
import { RangePicker, useRangeText } from '#app/_ui/range-picker.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { Business, BusinessData } from '../_data.ts';
import type { Totals } from '../_figures.ts';
import { CourseCharts, comparisonNames } from './course-charts.tsx';
import { FunnelTables } from './funnel-tables.tsx';

function Heading(): ReactNode {
  const range = useRangeText();
  return (
    <Group justify="space-between" gap="sm" align="flex-start">
      <div style={{ minWidth: 0 }}>
        <Title order={1}>Business</Title>
        <Text size="sm">
          Are people buying, where do they leave, and what did faults and changes cost? From the shop’s events.
        </Text>
      </div>
      <Group gap="xs">
        <Button
          component="a"
          href={`/api/business?range=${range}`}
          download
          size="xs"
          variant="default"
          leftSection={<IconDownload size={15} aria-hidden="true" />}
        >
          Export CSV
        </Button>
        <RangePicker longest="30d" />
      </Group>
    </Group>
  );
}

function Figures({ business }: { business: Business }): ReactNode {
  const { totals, before, currency, foreignOrders } = business;
  const share = (value: number | null): string => (value === null ? '–' : formatShare(value));
  const figures: [string, (of: Totals) => string, string][] = [
    ['Conversion', (of) => share(of.conversion), 'sessions that paid'],
    ['Abandonment', (of) => share(of.abandonment), 'carts not paid, or not yet'],
    ['Orders paid', (of) => formatCount(of.orders), 'in the range'],
    [
      'Revenue',
      (of) => formatMoney(of.revenueMinor, currency),
      foreignOrders === 0 ? 'of paid orders' : `without ${formatCount(foreignOrders)} order(s) not in ${currency}`,
    ],
  ];
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      {figures.map(([label, write, note]) => (
        <Paper key={label} withBorder p="sm" style={{ minWidth: 0 }}>
          <Text size="sm" fw={600}>
            {label}
          </Text>
          <Text size="xl" fw={700} style={{ fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere' }}>
            {write(totals)}
          </Text>
          <Text size="xs" c="dimmed">
            {note}
          </Text>
          {before.totals !== null && (
            <Text size="xs" c="dimmed">
              {comparisonNames[before.kind].toLowerCase()}: {write(before.totals)}
            </Text>
          )}
        </Paper>
      ))}
    </SimpleGrid>
  );
}

function Content({ data }: { data: BusinessData }): ReactNode {
  if (!data.business.ok) return <Unavailable store="telemetry" reason={data.business.reason} />;
  const business = data.business.value;
  const markers = [...(data.markers.ok ? data.markers.value : []), ...(data.changes.ok ? data.changes.value : [])];
  if (business.funnel.browsed === 0 && business.totals.orders === 0) {
    return (
      <Empty title="No session and no order in this time" command="npm start">
        Choose a longer time range. The shop’s events fill this page; the load of the demo brings some every second:
      </Empty>
    );
  }
  const step = formatDuration(data.range.stepSeconds * 1_000);
  return (
    <>
      <Figures business={business} />
      <Section
        title="Over time"
        aside={
          business.before.kind === 'none'
            ? `per ${step} · nothing earlier to compare with`
            : `per ${step} · dashed: ${comparisonNames[business.before.kind].toLowerCase()}`
        }
      >
        <CourseCharts business={business} slis={data.slis} range={data.range} markers={markers} />
        {!data.markers.ok && <Unavailable store="control" reason={data.markers.reason} />}
        <MarkList markers={markers} />
      </Section>
      <FunnelTables business={business} />
    </>
  );
}

/** How the shop sells: figures, their course beside an earlier time, and where visitors leave. */
export function BusinessView({ initial }: { initial: Snapshot<BusinessData> }): ReactNode {
  const data = useLive(initial);
  return (
    <Stack gap="sm">
      <Heading />
      <Content data={data} />
    </Stack>
  );
}
