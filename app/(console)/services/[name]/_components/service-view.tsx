'use client';
import { Badge, Code, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { FaultTable } from '#app/_ui/fault-table.tsx';
import { RangePicker } from '#app/_ui/range-picker.tsx';
import { Section } from '#app/_ui/section.tsx';
import { serviceColor } from '#app/_ui/service-color.ts';
import { SloTable } from '#app/_ui/slo-table.tsx';
import { ServiceDot } from '#app/_ui/state.tsx';
import { TraceTable } from '#app/_ui/trace-table.tsx';
import type { ServiceData } from '../_data.ts';
import { DependencyTable } from './dependency-table.tsx';
import { RedCharts } from './red-charts.tsx';

function Heading({ data }: { data: ServiceData }): ReactNode {
  const { owner, description, system } = data.catalog;
  return (
    <Group justify="space-between" gap="sm" align="flex-start">
      <div style={{ minWidth: 0 }}>
        <Group gap="xs">
          <ServiceDot color={serviceColor(data.name)} />
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            {data.name}
          </Title>
          {system !== null && (
            <Badge variant="default" tt="none">
              {system}
            </Badge>
          )}
        </Group>
        <Text size="sm">
          {description ?? 'This service has no record here: all that is known comes from its telemetry.'}
        </Text>
        <Text size="sm" c="dimmed">
          Owner: {owner ?? 'none on record'}
        </Text>
      </div>
      <RangePicker />
    </Group>
  );
}

function Objectives({ data }: { data: ServiceData }): ReactNode {
  if (!data.control.ok) return <Unavailable store="control" reason={data.control.reason} />;
  const { slos, faults } = data.control.value;
  return (
    <SimpleGrid cols={{ base: 1, lg: faults.length > 0 ? 2 : 1 }}>
      <Section title="Objectives" aside="bad events of the last five minutes">
        {slos.length > 0 ? (
          <SloTable slos={slos} />
        ) : (
          <Empty title="No objective is in force for this service">
            A service without one gets an availability objective after its first requests.
          </Empty>
        )}
      </Section>
      {faults.length > 0 && (
        <Section title="Faults it caused" aside="the latest five">
          <FaultTable faults={faults} label={`Faults of ${data.name}`} />
        </Section>
      )}
    </SimpleGrid>
  );
}

function Dependencies({ data }: { data: ServiceData }): ReactNode {
  if (!data.dependencies.ok) {
    return (
      <Section title="Dependencies">
        <Unavailable store="telemetry" reason={data.dependencies.reason} />
      </Section>
    );
  }
  const { callers, callees } = data.dependencies.value;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Section title="Called by" aside="over the range">
        <DependencyTable
          rows={callers}
          label={`Callers of ${data.name}`}
          none={`Nobody called ${data.name} in this time`}
        />
      </Section>
      <Section title="Calls" aside="over the range">
        <DependencyTable
          rows={callees}
          label={`Services that ${data.name} calls`}
          none={`${data.name} called nobody in this time`}
        />
      </Section>
    </SimpleGrid>
  );
}

function Traces({ data }: { data: ServiceData }): ReactNode {
  if (!data.traces.ok) {
    return (
      <Section title="Traces" id="traces">
        <Unavailable store="telemetry" reason={data.traces.reason} />
      </Section>
    );
  }
  const { slowest, failing } = data.traces.value;
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} id="traces">
      <Section title="Failing traces" aside="newest first">
        <TraceTable traces={failing} label="Failing traces" none="No request failed in this time" />
      </Section>
      <Section title="Slowest traces" aside="slowest first">
        <TraceTable traces={slowest} label="Slowest traces" none="No request was traced in this time" />
      </Section>
    </SimpleGrid>
  );
}

/** One service: how it fares, who it depends on, traces to look at, who owns it, what to do. */
export function ServiceView({ initial, runbook }: { initial: Snapshot<ServiceData>; runbook: ReactNode }): ReactNode {
  const data = useLive(initial);
  return (
    <Stack gap="sm">
      <Heading data={data} />
      <RedCharts data={data} />
      <Objectives data={data} />
      <Dependencies data={data} />
      <Traces data={data} />
      <Section title="Runbook" id="runbook">
        {runbook ?? (
          <Text size="sm">
            None on record. A service’s runbook is <Code>services/{data.name}/runbook.md</Code>.
          </Text>
        )}
      </Section>
    </Stack>
  );
}
