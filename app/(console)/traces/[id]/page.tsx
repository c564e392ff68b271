import { Stack, Text, Title } from '@mantine/core';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { getConsole } from '#app/_server/console.ts';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { formatDuration } from '#app/_ui/format.ts';
import { Section } from '#app/_ui/section.tsx';
import { Clock } from '#app/_ui/time.tsx';
import { Follow } from './_components/follow.tsx';
import { TraceLogs } from './_components/trace-logs.tsx';
import { Waterfall } from './_components/waterfall.tsx';
import { readTraceData, type TraceData } from './_data.ts';

export const metadata: Metadata = { title: 'Trace' };

/** Services export their spans a second or two after they end, each at its own time. */
const settledMs = 20_000;

function Trace({ trace, id }: { trace: TraceData; id: string }): ReactNode {
  const first = trace.spans[0];
  if (first === undefined) {
    return (
      <Stack gap="sm">
        <Title order={1}>Trace</Title>
        <Empty title="There is no such trace">
          It may be older than the store keeps traces, or its spans have not arrived yet: reload in a few seconds.
        </Empty>
      </Stack>
    );
  }
  const endMs = Math.max(...trace.spans.map((span) => span.offsetMs + span.durationMs));
  const isYoung = Date.now() - (first.startMs + endMs) < settledMs;
  const services = new Set(trace.spans.map((span) => span.service)).size;
  return (
    <Stack gap="sm">
      <div>
        <Title order={1} style={{ overflowWrap: 'anywhere' }}>
          {first.service}: {first.name}
        </Title>
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          <Clock ms={first.startMs} /> · {formatDuration(endMs)} · {trace.spans.length} spans in {services}{' '}
          {services === 1 ? 'service' : 'services'} · trace {id}
          {isYoung && (
            <>
              {' '}
              · <Follow />
            </>
          )}
        </Text>
      </div>
      <Section title="Waterfall" aside="choose a span for its attributes">
        <Waterfall spans={trace.spans} totalMs={endMs} />
      </Section>
      <Section title="Log records">
        <TraceLogs logs={trace.logs} />
      </Section>
    </Stack>
  );
}

export default async function TracePage({ params }: { params: Promise<{ id: string }> }): Promise<ReactNode> {
  const { id } = await params;
  if (!/^[0-9a-f]{32}$/.test(id)) notFound();
  const trace = await readTraceData(getConsole().sources, id);
  return trace.ok ? <Trace trace={trace.value} id={id} /> : <Unavailable store="telemetry" reason={trace.reason} />;
}
