'use client';
import { Anchor, Code, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { FaultTable } from '#app/_ui/fault-table.tsx';
import { RangePicker } from '#app/_ui/range-picker.tsx';
import { Section } from '#app/_ui/section.tsx';
import { SloTable } from '#app/_ui/slo-table.tsx';
import { TraceTable } from '#app/_ui/trace-table.tsx';
import type { ServiceData } from '../_data.ts';
import type { ServiceHead } from '../_head.ts';
import { DependencyTable } from './dependency-table.tsx';
import { RedCharts } from './red-charts.tsx';
import { ServiceHeading } from './service-heading.tsx';

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

function NoRunbook({ head }: { head: ServiceHead }): ReactNode {
  if (head.runbook?.kind === 'link') {
    return (
      <Anchor size="sm" href={head.runbook.text} rel="noreferrer" style={{ overflowWrap: 'anywhere' }}>
        {head.runbook.text}
      </Anchor>
    );
  }
  return (
    <Text size="sm">
      None on record. It is the <Code>runbook.md</Code> beside the service’s <Code>catalog-info.yaml</Code>.
    </Text>
  );
}

/** One service: how it fares, who it depends on, traces to look at, who owns it, what to do. */
export function ServiceView({ initial, runbook }: { initial: Snapshot<ServiceData>; runbook: ReactNode }): ReactNode {
  const data = useLive(initial);
  return (
    <Stack gap="sm">
      <ServiceHeading head={data.head} place="now" aside={<RangePicker />} />
      <RedCharts data={data} />
      <Objectives data={data} />
      <Dependencies data={data} />
      <Traces data={data} />
      <Section title="Runbook" id="runbook">
        {runbook ?? <NoRunbook head={data.head} />}
      </Section>
    </Stack>
  );
}
