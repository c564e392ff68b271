'use client';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatAgo, formatCount, formatDuration } from '#app/_ui/format.ts';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import type { RumSession } from '#telemetry/queries/rum';

function columnsAt(nowMs: number): Column<RumSession>[] {
  return [
    { key: 'session', label: 'Session', value: (row) => row.sessionId, render: (row) => row.sessionId.slice(0, 8) },
    {
      key: 'last',
      label: 'Last seen',
      value: (row) => row.lastSeenMs,
      render: (row) => formatAgo(Math.max(0, nowMs - row.lastSeenMs)),
    },
    { key: 'app', label: 'App', secondary: true, value: (row) => row.app, render: (row) => row.app },
    {
      key: 'device',
      label: 'Device',
      secondary: true,
      value: (row) => row.device,
      render: (row) => (row.browser === '' ? row.device : `${row.device}, ${row.browser}`),
    },
    {
      key: 'seconds',
      label: 'Lasted',
      numeric: true,
      secondary: true,
      value: (row) => row.seconds,
      render: (row) => formatDuration(row.seconds * 1_000),
    },
    {
      key: 'views',
      label: 'Pages',
      numeric: true,
      value: (row) => row.views,
      render: (row) => formatCount(row.views),
    },
    {
      key: 'exceptions',
      label: 'Exceptions',
      numeric: true,
      value: (row) => row.exceptions,
      render: (row) => formatCount(row.exceptions),
    },
  ];
}

/** Sessions as rows that lead to their traces. */
export function SessionTable({ sessions, nowMs }: { sessions: readonly RumSession[]; nowMs: number }): ReactNode {
  if (sessions.length === 0) return <Text size="sm">None in this time.</Text>;
  return (
    <RowTable
      rows={sessions}
      columns={columnsAt(nowMs)}
      rowKey={(row) => `${row.app} ${row.sessionId}`}
      href={(row) => `/users/${encodeURIComponent(row.sessionId)}`}
      label="Recent sessions"
    />
  );
}
