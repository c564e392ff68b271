'use client';
import { Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import type { Marker } from '#app/_server/markers.ts';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { Chart } from '#app/_ui/chart.tsx';
import { formatCount, formatDuration, formatRate } from '#app/_ui/format.ts';
import { RangePicker } from '#app/_ui/range-picker.tsx';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { EventsData, Traffic } from '../_data.ts';
import type { Consumer, EventType } from '../_figures.ts';
import { DeadLetters, Replays } from './dead-letters.tsx';

const noMarkers: Marker[] = [];
const lagColors = ['indigo.5', 'teal.6', 'orange.6', 'cyan.7', 'grape.6', 'gray.6'];
const messageSeries = [
  { key: 'published', label: 'published', color: 'indigo.5' },
  { key: 'done', label: 'consumed', color: 'teal.6' },
  { key: 'retried', label: 'retried', color: 'orange.6' },
  { key: 'dead-lettered', label: 'given up', color: 'grape.6' },
];

const consumerColumns: Column<Consumer>[] = [
  { key: 'queue', label: 'Consumer', value: (row) => row.queue, render: (row) => row.queue },
  {
    key: 'lag',
    label: 'Waiting',
    numeric: true,
    value: (row) => row.lag ?? -1,
    render: (row) => (row.lag === null ? '–' : formatCount(row.lag)),
  },
  { key: 'done', label: 'Consumed', numeric: true, value: (row) => row.done, render: (row) => formatCount(row.done) },
  {
    key: 'retried',
    label: 'Retried',
    numeric: true,
    secondary: true,
    value: (row) => row.retried,
    render: (row) => formatCount(row.retried),
  },
  {
    key: 'dead',
    label: 'Given up',
    numeric: true,
    value: (row) => row.deadLettered,
    render: (row) => formatCount(row.deadLettered),
  },
  {
    key: 'mean',
    label: 'Mean time',
    numeric: true,
    secondary: true,
    value: (row) => row.meanMs ?? -1,
    render: (row) => (row.meanMs === null ? '–' : formatDuration(row.meanMs)),
  },
];

const typeColumns: Column<EventType>[] = [
  { key: 'type', label: 'Event type', value: (row) => row.type, render: (row) => row.type },
  {
    key: 'published',
    label: 'Published',
    numeric: true,
    value: (row) => row.published,
    render: (row) => formatCount(row.published),
  },
  {
    key: 'rate',
    label: 'Mean rate',
    numeric: true,
    value: (row) => row.perSecond,
    render: (row) => formatRate(row.perSecond),
  },
];

function TrafficSections({ traffic, range }: { traffic: Traffic; range: EventsData['range'] }): ReactNode {
  const { messages, lag, consumers, types } = traffic;
  if (consumers.length === 0 && types.length === 0) {
    return (
      <Section title="Traffic">
        <Empty title="No event passed in this time">
          Choose a longer time range. The shop’s services report what they publish and consume.
        </Empty>
      </Section>
    );
  }
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Section title="Messages" aside={`by ${formatDuration(range.stepSeconds * 1_000)}`}>
          <Chart
            label="Messages"
            unit="per second; each consumer counts what it took"
            series={messageSeries}
            format={formatRate}
            points={messages}
            markers={noMarkers}
            range={range}
          />
        </Section>
        <Section title="Lag" aside={lag.others === 0 ? undefined : `and ${lag.others} that were less behind`}>
          <Chart
            label="Lag"
            unit="messages that wait for a consumer"
            series={lag.queues.map((queue, index) => ({
              key: queue,
              label: queue,
              color: lagColors[index] ?? 'gray.6',
            }))}
            format={formatCount}
            atLeast={10}
            points={lag.points}
            markers={noMarkers}
            range={range}
            withLegend
          />
        </Section>
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Section title="Consumers" aside="in the time range; waiting: now">
          <RowTable rows={consumers} columns={consumerColumns} rowKey={(row) => row.queue} label="Consumers" />
        </Section>
        <Section title="Event types" aside="in the time range">
          <RowTable rows={types} columns={typeColumns} rowKey={(row) => row.type} label="Event types" />
        </Section>
      </SimpleGrid>
    </>
  );
}

/** What travels between the services: how much, how far behind its consumers are, and what they gave up. */
export function EventsView({ initial }: { initial: Snapshot<EventsData> }): ReactNode {
  const { traffic, dead, range } = useLive(initial);
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Title order={1}>Events</Title>
          <Text size="sm">What services tell each other, and what could not be dealt with.</Text>
        </div>
        <RangePicker />
      </Group>
      <Section title="Dead letters" aside="given up after their retries, until they are replayed">
        {dead.ok ? <DeadLetters dead={dead.value} /> : <Unavailable store="control" reason={dead.reason} />}
      </Section>
      {traffic.ok ? (
        <TrafficSections traffic={traffic.value} range={range} />
      ) : (
        <Unavailable store="telemetry" reason={traffic.reason} />
      )}
      {dead.ok && dead.value.replays.length > 0 && (
        <Section title="Replays" aside="the latest 20">
          <Replays replays={dead.value.replays} />
        </Section>
      )}
    </Stack>
  );
}
