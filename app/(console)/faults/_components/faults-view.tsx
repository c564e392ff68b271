'use client';
import { Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { FaultTable } from '#app/_ui/fault-table.tsx';
import { Section } from '#app/_ui/section.tsx';
import type { FaultsData } from '../_data.ts';

/** All faults: those that hurt now, then those that are over. */
export function FaultsView({ initial }: { initial: Snapshot<FaultsData> }): ReactNode {
  const { faults } = useLive(initial);
  const open = faults.ok ? faults.value.filter((fault) => fault.state !== 'resolved') : [];
  const over = faults.ok ? faults.value.filter((fault) => fault.state === 'resolved') : [];
  return (
    <Stack gap="sm">
      <Title order={1}>Faults</Title>
      {!faults.ok && <Unavailable store="control" reason={faults.reason} />}
      {faults.ok && (
        <>
          <Section title="Open" aside="newest first">
            {open.length > 0 ? (
              <FaultTable faults={open} label="Open faults" />
            ) : (
              <Empty title="No fault is open">Nobody is being paged.</Empty>
            )}
          </Section>
          <Section title="Resolved" aside="newest first, the latest 200">
            {over.length > 0 ? (
              <FaultTable faults={over} label="Resolved faults" />
            ) : (
              <Empty title="No fault has been resolved yet" command="npx bellwether drill payments-errors">
                To see one from injection to page to resolution:
              </Empty>
            )}
          </Section>
        </>
      )}
    </Stack>
  );
}
