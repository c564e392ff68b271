import { Stack, Text, Title } from '@mantine/core';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { getConsole } from '#app/_server/console.ts';
import { attempt } from '#app/_server/loaded.ts';
import { toTraceRow } from '#app/_server/trace-row.ts';
import { Unavailable } from '#app/_ui/absence.tsx';
import { Section } from '#app/_ui/section.tsx';
import { TraceTable } from '#app/_ui/trace-table.tsx';
import { findSessionTraces } from '#telemetry/queries/traces';

export const metadata: Metadata = { title: 'Session' };

/** As long as traces are kept at most; a session's own are found by its id alone. */
const reachMs = 7 * 86_400_000;
const limit = 200;

/** The traces of one session: what its browser and the shop's first server did for it, and all behind them. */
export default async function SessionPage({ params }: { params: Promise<{ session: string }> }): Promise<ReactNode> {
  const session = decodeURIComponent((await params).session);
  if (!/^[\w.:-]{1,128}$/.test(session)) notFound();
  const { store, clock } = getConsole().sources;
  const nowMs = clock();
  const found = await attempt(
    findSessionTraces(store, { sessionId: session, fromMs: nowMs - reachMs, toMs: nowMs + 60_000, limit }),
  );
  if (!found.ok) return <Unavailable store="telemetry" reason={found.reason} />;
  return (
    <Stack gap="sm">
      <div>
        <Title order={1}>Session {session.slice(0, 8)}</Title>
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {session}
        </Text>
      </div>
      <Section title="Traces" aside={`of the last seven days, the newest first, ${limit} at most`}>
        <TraceTable
          traces={found.value.map(toTraceRow)}
          label="Traces of the session"
          none="No trace names this session; a browser's spans arrive a second or two after they end"
        />
      </Section>
    </Stack>
  );
}
