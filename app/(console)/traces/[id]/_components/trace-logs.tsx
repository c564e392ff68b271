'use client';
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Clock } from '#app/_ui/time.tsx';
import type { TraceLog } from '#telemetry/queries/logs';

/** What services logged while they served this trace. */
export function TraceLogs({ logs }: { logs: readonly TraceLog[] }): ReactNode {
  if (logs.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No log record carries this trace’s id.
      </Text>
    );
  }
  return (
    <Stack gap={2}>
      {logs.map((log) => (
        <Text key={`${log.timeMs}/${log.spanId}/${log.body}`} size="sm" style={{ overflowWrap: 'anywhere' }}>
          <Text span c="dimmed" size="xs">
            <Clock ms={log.timeMs} /> {log.severity.toUpperCase()} {log.service}
          </Text>{' '}
          {log.body}
        </Text>
      ))}
    </Stack>
  );
}
