'use client';
import { Alert, Box, SimpleGrid, Stack, Text, VisuallyHidden } from '@mantine/core';
import { type ReactNode, Suspense } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive, useNow } from '#app/_live/live.tsx';
import type { Marker } from '#app/_server/markers.ts';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { FaultTable } from '#app/_ui/fault-table.tsx';
import { InjectionLine } from '#app/_ui/injection-line.tsx';
import { Section } from '#app/_ui/section.tsx';
import { SloTable } from '#app/_ui/slo-table.tsx';
import type { FiguresData, OverviewControl, OverviewData } from '../_data.ts';
import { writeHeadline } from '../_headline.ts';
import { Figures, FiguresSkeleton } from './figures.tsx';
import { HeadlineBanner } from './headline.tsx';

const noMarkers: Marker[] = [];

function Injected({ control }: { control: OverviewControl }): ReactNode {
  if (control.injections.length === 0) return null;
  return (
    <Alert color="violet" variant="light" title="Chaos is breaking things on purpose" data-testid="injected">
      <Stack gap={4}>
        {control.injections.map((injection) => (
          <InjectionLine key={injection.id} injection={injection} />
        ))}
      </Stack>
    </Alert>
  );
}

function SloErrors({ errors }: { errors: OverviewControl['sloErrors'] }): ReactNode {
  if (errors.length === 0) return null;
  return (
    <Alert color="yellow" title={`${errors.length} objective(s) could not be loaded and are not watched`}>
      {errors.map((error) => (
        <Text key={`${error.file}:${error.line}:${error.message}`} size="sm">
          {error.file}:{error.line}: {error.message}
        </Text>
      ))}
    </Alert>
  );
}

/** Is the shop healthy? */
export function Overview({
  initial,
  figures,
}: {
  initial: Snapshot<OverviewData>;
  figures: Promise<Snapshot<FiguresData>>;
}): ReactNode {
  const data = useLive(initial);
  const nowMs = useNow();
  const control = data.control.ok ? data.control.value : null;
  const slos = control?.slos ?? [];
  const markers = control?.markers ?? noMarkers;
  return (
    <Stack gap="sm">
      {control === null ? (
        <>
          <VisuallyHidden component="h1">Overview</VisuallyHidden>
          {!data.control.ok && <Unavailable store="control" reason={data.control.reason} />}
        </>
      ) : (
        <HeadlineBanner headline={writeHeadline(control.open, control.slos, Math.min(nowMs, data.atMs))} />
      )}
      {control !== null && <Injected control={control} />}
      {control !== null && control.open.length > 1 && (
        <Section title="Open faults" aside="oldest first">
          <FaultTable faults={control.open} label="Open faults" />
        </Section>
      )}
      <Suspense fallback={<FiguresSkeleton />}>
        <Figures first={figures} slos={slos} markers={markers} />
      </Suspense>
      {control !== null && (
        <Box>
          <SimpleGrid cols={{ base: 1, lg: control.recent.length > 0 ? 2 : 1 }}>
            <Section title="Objectives" aside="bad events of the last five minutes">
              <Stack gap="xs">
                <SloErrors errors={control.sloErrors} />
                {slos.length === 0 ? (
                  <Empty title="No objective is in force" command="services/<name>/slo.yaml">
                    Objectives come from OpenSLO files; a service without one gets its own after its first spans:
                  </Empty>
                ) : (
                  <SloTable slos={slos} />
                )}
              </Stack>
            </Section>
            {control.recent.length > 0 && (
              <Section title="Recently resolved">
                <FaultTable faults={control.recent} label="Recently resolved faults" />
              </Section>
            )}
          </SimpleGrid>
        </Box>
      )}
    </Stack>
  );
}
