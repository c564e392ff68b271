'use client';
import { Badge, Code, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import type { Marker } from '#app/_server/markers.ts';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { Chart } from '#app/_ui/chart.tsx';
import { formatAgo, formatCount, formatDuration, formatNumber } from '#app/_ui/format.ts';
import { RangePicker } from '#app/_ui/range-picker.tsx';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { ExceptionGroup, WebVital } from '#telemetry/queries/rum';
import type { UsersData } from '../_data.ts';
import { type Rating, rateVital, thresholds } from '../_figures.ts';
import { SessionTable } from './session-table.tsx';

const noMarkers: Marker[] = [];
const colors = ['indigo.5', 'teal.6', 'orange.6', 'cyan.7', 'grape.6', 'gray.6'];
const ratingColors: Record<Rating, string> = { good: 'teal', 'needs improvement': 'yellow', poor: 'red' };

const vitalNames: Record<WebVital['vital'], string> = {
  lcp: 'LCP, largest contentful paint',
  inp: 'INP, interaction to next paint',
  cls: 'CLS, cumulative layout shift',
  fcp: 'FCP, first contentful paint',
  ttfb: 'TTFB, time to first byte',
};

function writeVital(vital: WebVital['vital'], value: number): string {
  return vital === 'cls' ? String(Number(value.toFixed(3))) : formatDuration(value);
}

const vitalColumns: Column<WebVital>[] = [
  { key: 'vital', label: 'Vital', value: (row) => row.vital, render: (row) => vitalNames[row.vital] },
  { key: 'app', label: 'App', value: (row) => row.app, render: (row) => row.app },
  { key: 'p75', label: 'p75', numeric: true, render: (row) => writeVital(row.vital, row.p75) },
  {
    key: 'rating',
    label: 'Rating',
    value: (row) => rateVital(row.vital, row.p75),
    render: (row) => {
      const rating = rateVital(row.vital, row.p75);
      return (
        <Badge variant="dot" color={ratingColors[rating]} tt="none">
          {rating}
        </Badge>
      );
    },
  },
  {
    key: 'good',
    label: 'Good up to',
    numeric: true,
    secondary: true,
    render: (row) => writeVital(row.vital, thresholds[row.vital][0]),
  },
  {
    key: 'views',
    label: 'Page views',
    numeric: true,
    secondary: true,
    value: (row) => row.pageViews,
    render: (row) => formatCount(row.pageViews),
  },
];

function exceptionColumns(nowMs: number): Column<ExceptionGroup>[] {
  return [
    {
      key: 'exception',
      label: 'Exception',
      wide: true,
      value: (row) => row.type,
      render: (row) => (
        <span style={{ overflowWrap: 'anywhere' }}>
          <b>{row.type}</b> {row.message.slice(0, 300)}
        </span>
      ),
    },
    { key: 'app', label: 'App', secondary: true, value: (row) => row.app, render: (row) => row.app },
    {
      key: 'count',
      label: 'Count',
      numeric: true,
      value: (row) => row.count,
      render: (row) => formatCount(row.count),
    },
    {
      key: 'sessions',
      label: 'Sessions',
      numeric: true,
      value: (row) => row.sessions,
      render: (row) => formatCount(row.sessions),
    },
    {
      key: 'last',
      label: 'Last seen',
      secondary: true,
      value: (row) => row.lastSeenMs,
      render: (row) => formatAgo(Math.max(0, nowMs - row.lastSeenMs)),
    },
  ];
}

/** Long code that wraps: on a phone it is wider than the screen. */
function Wrapping({ children }: { children: string }): ReactNode {
  return <Code style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}>{children}</Code>;
}

function Nothing(): ReactNode {
  return (
    <Empty title="No browser reported in this time">
      Choose a longer time range, or point the Grafana Faro Web SDK of your pages at the collectors: call{' '}
      <Wrapping>initializeFaro</Wrapping> with the url <Wrapping>http://127.0.0.1:4318/collect</Wrapping> and the app’s
      key as <Wrapping>apiKey</Wrapping>. Name, key and origins of the app are given at the start:{' '}
      <Wrapping>FARO_APPS='my-shop:pk_0123456789abcdef:https://shop.example' npm start</Wrapping>
    </Empty>
  );
}

function Content({ data }: { data: UsersData }): ReactNode {
  if (!data.users.ok) return <Unavailable store="telemetry" reason={data.users.reason} />;
  const { vitals, sessions, exceptions, recent } = data.users.value;
  if (vitals.length === 0 && exceptions.length === 0 && sessions.apps.length === 0) return <Nothing />;
  const series = sessions.apps.map((app, index) => ({
    key: app,
    label: app,
    color: colors[index % colors.length] ?? 'gray.6',
  }));
  return (
    <>
      <Section title="Web vitals" aside="three quarters of page views were at most this">
        <RowTable
          rows={vitals}
          columns={vitalColumns}
          rowKey={(row) => `${row.app} ${row.vital}`}
          label="Web vitals by app"
        />
      </Section>
      <Section title="Sessions" aside={`per minute, by ${formatDuration(data.range.stepSeconds * 1_000)}`}>
        <Chart
          label="Sessions"
          unit="that reported, per minute"
          series={series}
          format={formatNumber}
          atLeast={5}
          points={sessions.points}
          markers={noMarkers}
          range={data.range}
        />
      </Section>
      <Section title="Exceptions" aside="by type and message">
        {exceptions.length === 0 ? (
          <Text size="sm">None in this time.</Text>
        ) : (
          <RowTable
            rows={exceptions}
            columns={exceptionColumns(data.atMs)}
            rowKey={(row) => `${row.app} ${row.type} ${row.message}`}
            label="Exceptions by type and message"
          />
        )}
      </Section>
      <Section title="Recent sessions" aside="those that reported last; each leads to its traces">
        <SessionTable sessions={recent} nowMs={data.atMs} />
      </Section>
    </>
  );
}

/** What users' browsers report: web vitals, sessions and exceptions. */
export function UsersView({ initial }: { initial: Snapshot<UsersData> }): ReactNode {
  const data = useLive(initial);
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Title order={1}>Real users</Title>
          <Text size="sm">What the browsers of your users report.</Text>
        </div>
        <RangePicker />
      </Group>
      <Content data={data} />
    </Stack>
  );
}
