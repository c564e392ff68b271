'use client';
import { Alert, Code, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Unavailable } from '#app/_ui/absence.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { ChaosControl, ChaosData } from '../_data.ts';
import { ActiveFaults } from './active-faults.tsx';
import { DrillPanel } from './drill-panel.tsx';
import { GlobalStop } from './global-stop.tsx';
import { DrillHistory, InjectionHistory } from './history.tsx';
import { StartForm } from './start-form.tsx';

export type Catalogue = {
  faults: { name: string; target: string; description: string; share: number | null }[];
  drills: { name: string; description: string }[];
  maxTtlSeconds: number;
  defaultTtlSeconds: number;
};

function Disabled(): ReactNode {
  return (
    <Alert color="gray" title="Chaos is switched off here">
      <Text size="sm">
        Nothing can be injected until Bellwether is started with <Code>CHAOS_ENABLED=true</Code>. What was done before
        is below.
      </Text>
    </Alert>
  );
}

function Controls({ control, catalogue }: { control: ChaosControl; catalogue: Catalogue }): ReactNode {
  const stopped = control.stopped !== null;
  return (
    <>
      <Section title="Active faults" aside={<GlobalStop control={control} />}>
        <ActiveFaults control={control} />
      </Section>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Section title="Start a fault" aside="undone by itself when its time is up">
          <StartForm control={control} catalogue={catalogue} disabled={stopped} />
        </Section>
        <Section title="Run a drill" aside="a fault plus the page that must follow">
          <DrillPanel control={control} catalogue={catalogue} disabled={stopped} />
        </Section>
      </SimpleGrid>
    </>
  );
}

/** Breaking things on purpose: what is broken now, what can be, what was. */
export function ChaosView({ initial, catalogue }: { initial: Snapshot<ChaosData>; catalogue: Catalogue }): ReactNode {
  const { control, enabled } = useLive(initial);
  return (
    <Stack gap="sm">
      <Title order={1}>Chaos</Title>
      {!enabled && <Disabled />}
      {!control.ok && <Unavailable store="control" reason={control.reason} />}
      {control.ok && (
        <>
          {enabled && <Controls control={control.value} catalogue={catalogue} />}
          <Section title="Drills" aside="the latest 20">
            <DrillHistory drills={control.value.drills} />
          </Section>
          <Section title="Faults injected before" aside="the latest 30">
            <InjectionHistory injections={control.value.past} />
          </Section>
        </>
      )}
    </Stack>
  );
}
