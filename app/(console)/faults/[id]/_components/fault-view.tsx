'use client';
import { Anchor, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Unavailable } from '#app/_ui/absence.tsx';
import { Section } from '#app/_ui/section.tsx';
import { FaultBadge } from '#app/_ui/state.tsx';
import { Ago, Clock, Lasting } from '#app/_ui/time.tsx';
import type { FaultData, FaultDetail } from '../_data.ts';
import { AlertList } from './alert-list.tsx';
import { Decisions } from './decisions.tsx';
import { EvidenceList } from './evidence.tsx';
import { Ledger } from './ledger.tsx';
import { NotificationList } from './notification-list.tsx';

const marginMs = 120_000;

function Heading({ detail }: { detail: FaultDetail }): ReactNode {
  const { fault } = detail;
  return (
    <Paper withBorder p="md" data-testid="fault" data-state={fault.state}>
      <Group gap="sm" mb={4}>
        <Title order={1}>
          Fault #{fault.number}: {fault.service}
        </Title>
        <FaultBadge state={fault.state} />
      </Group>
      <Text>{fault.summary}</Text>
      <Text size="sm" c="dimmed" mt={4}>
        Began <Clock ms={fault.onsetAtMs} /> (<Ago ms={fault.onsetAtMs} />, estimated);{' '}
        {fault.resolvedAtMs === null ? 'lasting for ' : 'lasted '}
        <Lasting fromMs={fault.onsetAtMs} toMs={fault.resolvedAtMs} />. Likely cause: {fault.service}.
      </Text>
      {fault.acknowledgedAtMs !== null && (
        <Text size="sm" mt={4}>
          Acknowledged by {fault.acknowledgedBy ?? 'someone'} <Ago ms={fault.acknowledgedAtMs} />.
        </Text>
      )}
      {fault.resolvedAtMs !== null && (
        <Text size="sm" mt={4}>
          {fault.resolvedBy === null ? 'Resolved by itself' : `Resolved by ${fault.resolvedBy}`}{' '}
          <Ago ms={fault.resolvedAtMs} />
          {fault.resolveReason === null ? '' : `: ${fault.resolveReason}`}.
        </Text>
      )}
    </Paper>
  );
}

function WhatToDo({ detail, atMs }: { detail: FaultDetail; atMs: number }): ReactNode {
  const { fault } = detail;
  const service = `/services/${encodeURIComponent(fault.service)}`;
  const range = `${fault.onsetAtMs - marginMs}-${(fault.resolvedAtMs ?? Math.floor(atMs / 60_000) * 60_000) + marginMs}`;
  return (
    <Section title="What to do">
      <Stack gap="xs">
        <Decisions detail={detail} />
        <Group gap="md">
          <Anchor component={Link} href={`${service}#runbook`} size="sm">
            Runbook of {fault.service}
          </Anchor>
          <Anchor component={Link} href={`${service}?range=${range}#traces`} size="sm">
            Failing traces at the time
          </Anchor>
          <Anchor component={Link} href={`${service}?range=${range}`} size="sm">
            {fault.service} at the time
          </Anchor>
        </Group>
      </Stack>
    </Section>
  );
}

/** One fault: what, since when, how bad, the likely cause, what to do; then how it was found. */
export function FaultView({ initial }: { initial: Snapshot<FaultData> }): ReactNode {
  const { detail, atMs } = useLive(initial);
  if (!detail.ok) return <Unavailable store="control" reason={detail.reason} />;
  if (detail.value === null) return <Text>This fault is gone.</Text>;
  return (
    <Stack gap="sm">
      <Heading detail={detail.value} />
      <WhatToDo detail={detail.value} atMs={atMs} />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Section title="Ledger" aside="when, and seconds since the stage before">
          <Ledger stages={detail.value.stages} />
        </Section>
        <Stack gap="sm" style={{ minWidth: 0 }}>
          <Section title="Alerts" aside="the objectives that this fault violates">
            <AlertList alerts={detail.value.alerts} />
          </Section>
          <Section title="Notifications">
            <NotificationList notifications={detail.value.notifications} />
          </Section>
        </Stack>
      </SimpleGrid>
      <Section title="Evidence" aside={`why ${detail.value.fault.service} is named`}>
        <EvidenceList
          evidence={detail.value.evidence}
          impact={detail.value.impact}
          service={detail.value.fault.service}
        />
      </Section>
    </Stack>
  );
}
