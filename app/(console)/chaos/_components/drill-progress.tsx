'use client';
import { Anchor, Box, Group, Stack, Table, Text } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatDuration } from '#app/_ui/format.ts';
import { Clock, Lasting } from '#app/_ui/time.tsx';
import type { DrillRow } from '../_data.ts';
import { VerdictBadge } from './verdict-badge.tsx';

const stages = [
  ['injected', 'Fault injected'],
  ['firstBad', 'First bad event'],
  ['stored', 'Stored'],
  ['firing', 'Firing'],
  ['sent', 'Page sent'],
  ['accepted', 'Page accepted'],
  ['undone', 'Fault undone'],
  ['resolved', 'Resolved'],
] as const;

/** A drill as it runs: its stages with seconds since the injection, what it says, its verdict. */
export function DrillProgress({ drill }: { drill: DrillRow }): ReactNode {
  const injectedMs = drill.stages.injected === null ? null : Date.parse(drill.stages.injected);
  return (
    <Box data-testid="drill" data-state={drill.state} data-verdict={drill.verdict ?? ''}>
      <Group gap="xs" mb={4}>
        <Text fw={600} size="sm">
          {drill.name}
        </Text>
        <VerdictBadge drill={drill} />
        <Text size="xs" c="dimmed">
          <Lasting fromMs={drill.startedAtMs} toMs={drill.endedAtMs} />
        </Text>
      </Group>
      {drill.reason !== null && <Text size="sm">{drill.reason}</Text>}
      {drill.page !== null && (
        <Text size="sm">
          Page:{' '}
          <Anchor component={Link} href={`/faults/${drill.page.faultId}`} size="sm">
            {drill.page.summary}
          </Anchor>
        </Text>
      )}
      {injectedMs !== null && (
        <Table fz="sm" verticalSpacing={3} mt={4} aria-label={`Stages of ${drill.name}`}>
          <Table.Tbody>
            {stages.map(([key, label]) => {
              const atMs = drill.stages[key] === null ? null : Date.parse(drill.stages[key] ?? '');
              return (
                <Table.Tr key={key} c={atMs === null ? 'dimmed' : undefined}>
                  <Table.Td>{label}</Table.Td>
                  <Table.Td>{atMs === null ? 'waiting' : <Clock ms={atMs} />}</Table.Td>
                  <Table.Td ta="right">
                    {atMs === null || key === 'injected' ? '' : `+${formatDuration(Math.max(0, atMs - injectedMs))}`}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
      {drill.progress.length > 0 && (
        <Stack gap={0} mt="xs" aria-live="polite">
          {drill.progress.slice(-6).map((line) => (
            <Text key={`${line.atMs}${line.text}`} size="xs" c="dimmed">
              <Clock ms={line.atMs} /> {line.text}
            </Text>
          ))}
        </Stack>
      )}
    </Box>
  );
}
