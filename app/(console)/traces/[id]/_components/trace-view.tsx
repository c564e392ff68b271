'use client';
import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { formatDuration } from '#app/_ui/format.ts';
import { Section } from '#app/_ui/section.tsx';
import { Clock } from '#app/_ui/time.tsx';
import type { TraceData } from '../_data.ts';
import { TraceLogs } from './trace-logs.tsx';
import { Waterfall } from './waterfall.tsx';

/** One trace: its spans on one time axis, then what was logged; spans that arrive later take their places. */
export function TraceView({ initial, id }: { initial: Snapshot<TraceData>; id: string }): ReactNode {
  const { trace } = useLive(initial);
  if (!trace.ok) return <Unavailable store="telemetry" reason={trace.reason} />;
  const { spans, logs, durationMs, settled } = trace.value;
  const [first] = spans;
  if (first === undefined) {
    return (
      <Stack gap="sm">
        <Title order={1}>Trace</Title>
        <Empty title="There is no such trace">
          It may be older than the store keeps traces, or its spans have not arrived yet: this page goes on asking and
          fills itself.
        </Empty>
      </Stack>
    );
  }
  const services = new Set(spans.map((span) => span.service)).size;
  return (
    <Stack gap="sm">
      <div>
        <Title order={1} style={{ overflowWrap: 'anywhere' }}>
          {first.service}: {first.name}
        </Title>
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          <Clock ms={first.startMs} /> · {formatDuration(durationMs)} · {spans.length} spans in {services}{' '}
          {services === 1 ? 'service' : 'services'} · trace {id}
          <output>{settled ? '' : ' · more spans may arrive'}</output>
        </Text>
      </div>
      <Section title="Waterfall" aside="choose a span for its attributes">
        <Waterfall spans={spans} totalMs={durationMs} />
      </Section>
      <Section title="Log records">
        <TraceLogs logs={logs} />
      </Section>
    </Stack>
  );
}
