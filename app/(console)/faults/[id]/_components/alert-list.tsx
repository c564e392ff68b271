'use client';
import { Anchor, Group, Stack, Text } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatDuration, formatObjective } from '#app/_ui/format.ts';
import { StateBadge, type Tone } from '#app/_ui/state.tsx';
import { Clock } from '#app/_ui/time.tsx';
import type { AlertRow } from '../_data.ts';

const looks: Record<string, { tone: Tone; word: string }> = {
  firing: { tone: 'hurt', word: 'Firing' },
  pending: { tone: 'risk', word: 'Under suspicion' },
  resolved: { tone: 'over', word: 'Resolved' },
  dropped: { tone: 'over', word: 'Came to nothing' },
};

/** The alerts that a fault gathers. */
export function AlertList({ alerts }: { alerts: readonly AlertRow[] }): ReactNode {
  return (
    <Stack gap="sm">
      {alerts.map((alert) => {
        const look = looks[alert.state] ?? { tone: 'unknown' as const, word: alert.state };
        return (
          <div key={alert.id}>
            <Group gap="xs" justify="space-between">
              <Anchor component={Link} href={`/services/${encodeURIComponent(alert.service)}`} size="sm" fw={600}>
                {alert.sloName}
              </Anchor>
              <StateBadge tone={look.tone}>{look.word}</StateBadge>
            </Group>
            <Text size="sm">{alert.explanation}</Text>
            <Text size="xs" c="dimmed">
              {alert.service}: {formatObjective(alert.objective)}
              {alert.thresholdMs === null ? '' : ` under ${formatDuration(alert.thresholdMs)}`} · began{' '}
              <Clock ms={alert.onsetAtMs} />
              {alert.firingAtMs !== null && (
                <>
                  , fired <Clock ms={alert.firingAtMs} />
                </>
              )}
              {alert.resolvedAtMs !== null && (
                <>
                  , over <Clock ms={alert.resolvedAtMs} />
                </>
              )}
            </Text>
          </div>
        );
      })}
    </Stack>
  );
}
