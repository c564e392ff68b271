'use client';
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Clock } from '#app/_ui/time.tsx';
import type { NotificationRow } from '../_data.ts';

function outcome(row: NotificationRow): ReactNode {
  const tries = row.attempts > 1 ? ` at attempt ${row.attempts}` : '';
  if (row.acceptedAtMs !== null) {
    return (
      <>
        accepted <Clock ms={row.acceptedAtMs} />
        {tries}
      </>
    );
  }
  const error = row.lastError === null ? '' : `: ${row.lastError}`;
  if (row.state === 'failed') return `given up after ${row.attempts} attempts${error}`;
  return row.attempts === 0 ? 'queued' : `not accepted yet, ${row.attempts} attempts${error}`;
}

/** Who was told, and whether the receiver took it. */
export function NotificationList({ notifications }: { notifications: readonly NotificationRow[] }): ReactNode {
  if (notifications.length === 0) return <Text size="sm">Nobody has been told yet.</Text>;
  return (
    <Stack gap={4}>
      {notifications.map((row) => (
        <Text key={`${row.receiver}/${row.status}`} size="sm" style={{ overflowWrap: 'anywhere' }}>
          <strong>{row.receiver}</strong>, {row.status}: {outcome(row)}
        </Text>
      ))}
    </Stack>
  );
}
