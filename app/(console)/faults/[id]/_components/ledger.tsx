'use client';
import { Group, Text, Timeline } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatDuration } from '#app/_ui/format.ts';
import { Clock } from '#app/_ui/time.tsx';
import type { Stage } from '../_data.ts';

function skippedWords({ key }: Stage): string {
  return key === 'acknowledged' ? 'not acknowledged' : 'not recorded';
}

/** The way from the fault's onset to its end, with what each stage took. */
export function Ledger({ stages }: { stages: readonly Stage[] }): ReactNode {
  const latest = stages.findLastIndex((stage) => stage.atMs !== null);
  const onsetMs = stages[0]?.atMs ?? null;
  let previousMs: number | null = null;
  return (
    <Timeline active={latest} bulletSize={14} lineWidth={2} data-testid="ledger" styles={{ item: { marginTop: 10 } }}>
      {stages.map((stage, index) => {
        const sinceMs: number | null = stage.atMs !== null && previousMs !== null ? stage.atMs - previousMs : null;
        previousMs = stage.atMs ?? previousMs;
        const skipped = stage.atMs === null && index < latest;
        return (
          <Timeline.Item
            key={stage.key}
            {...(skipped ? { color: 'gray.4' } : {})}
            lineVariant={index > latest ? 'dashed' : 'solid'}
            title={
              <Group gap="xs" justify="space-between" wrap="nowrap">
                <Text size="sm" c={stage.atMs === null ? 'dimmed' : undefined}>
                  {stage.label}
                  {stage.estimated && (
                    <Text span size="xs" c="dimmed">
                      {' '}
                      (estimated)
                    </Text>
                  )}
                </Text>
                <Text size="sm" ta="right">
                  {sinceMs === null ? '' : `${sinceMs < 0 ? '−' : '+'}${formatDuration(Math.abs(sinceMs))}`}
                </Text>
              </Group>
            }
          >
            <Text size="xs" c="dimmed">
              {stage.atMs === null ? skipped ? skippedWords(stage) : 'not yet' : <Clock ms={stage.atMs} />}
              {stage.atMs !== null && onsetMs !== null && stage.atMs > onsetMs
                ? ` · ${formatDuration(stage.atMs - onsetMs)} after the onset`
                : ''}
            </Text>
          </Timeline.Item>
        );
      })}
    </Timeline>
  );
}
