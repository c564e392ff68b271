'use client';
import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Unavailable } from '#app/_ui/absence.tsx';
import { Section } from '#app/_ui/section.tsx';
import { TraceTable } from '#app/_ui/trace-table.tsx';
import type { SessionData } from '../_data.ts';

type Props = { initial: Snapshot<SessionData>; id: string; limit: number };

/** One browser's session: its traces, the newest first, `limit` at most. */
export function SessionView({ initial, id, limit }: Props): ReactNode {
  const { traces } = useLive(initial);
  if (!traces.ok) return <Unavailable store="telemetry" reason={traces.reason} />;
  return (
    <Stack gap="sm">
      <div>
        <Title order={1}>Session {id.slice(0, 8)}</Title>
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {id}
        </Text>
      </div>
      <Section title="Traces" aside={`of the last seven days, the newest first, ${limit} at most`}>
        <TraceTable
          traces={traces.value}
          label="Traces of the session"
          none="No trace names this session; a browser's spans arrive a second or two after they end"
        />
      </Section>
    </Stack>
  );
}
