'use client';
import { Anchor, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { Section } from '#app/_ui/section.tsx';
import { SloTable } from '#app/_ui/slo-table.tsx';
import { StateBadge } from '#app/_ui/state.tsx';
import { Ago } from '#app/_ui/time.tsx';
import type { ServiceVersion } from '#telemetry/queries/changes';
import type { Check } from '../../../../registry/_scorecard.ts';
import { ServiceHeading } from '../../_components/service-heading.tsx';
import type { RecordData } from '../_data.ts';
import { NeighbourTable } from './neighbour-table.tsx';

const checkColumns: Column<Check>[] = [
  { key: 'label', label: 'What', render: (row) => row.label },
  {
    key: 'done',
    label: 'State',
    value: (row) => (row.done ? 1 : 0),
    render: (row) => <StateBadge tone={row.done ? 'ok' : 'unknown'}>{row.done ? 'There' : 'Missing'}</StateBadge>,
  },
  {
    key: 'text',
    label: 'Details',
    wide: true,
    render: (row) => (
      <span style={{ overflowWrap: 'anywhere' }}>
        {row.text}
        {row.atMs !== null && (
          <>
            , <Ago ms={row.atMs} />
          </>
        )}
      </span>
    ),
  },
];

const versionColumns: Column<ServiceVersion>[] = [
  { key: 'version', label: 'Version', render: (row) => row.version || 'not told' },
  { key: 'first', label: 'First seen', value: (row) => row.firstSeenMs, render: (row) => <Ago ms={row.firstSeenMs} /> },
  { key: 'last', label: 'Last seen', value: (row) => row.lastSeenMs, render: (row) => <Ago ms={row.lastSeenMs} /> },
];

function Versions({ versions }: { versions: readonly ServiceVersion[] }): ReactNode {
  return (
    <Section title="Versions" aside="service.version of its spans, 30 days">
      {versions.length === 0 ? (
        <Empty title="No span of it was seen" command="OTEL_RESOURCE_ATTRIBUTES=service.version=1.2.3">
          Its OpenTelemetry SDK tells the version that runs:
        </Empty>
      ) : (
        <RowTable rows={versions} columns={versionColumns} rowKey={(row) => row.version} label="Versions seen" />
      )}
    </Section>
  );
}

function Rest({ data }: { data: RecordData }): ReactNode {
  const { file, lifecycle, resources, links } = data;
  if (file === null) return null;
  return (
    <Section title="Also on record">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        Lifecycle: {lifecycle}. Uses: {resources.join(', ') || 'nothing else'}. Its file is {file}.
      </Text>
      {links.map(({ url, title }) => (
        <Text key={url} size="sm">
          <Anchor inherit href={url} rel="noreferrer">
            {title}
          </Anchor>
        </Text>
      ))}
    </Section>
  );
}

/** What is known of a service beyond how it is now, and what its record lacks. */
export function RecordView({ initial }: { initial: Snapshot<RecordData> }): ReactNode {
  const data = useLive(initial);
  const { head, checks, slos, health } = data;
  const done = checks.filter((check) => check.done).length;
  return (
    <Stack gap="sm">
      <ServiceHeading head={head} place="record" aside={<StateBadge tone={health.tone}>{health.word}</StateBadge>} />
      {!data.control.ok && <Unavailable store="control" reason={data.control.reason} />}
      {!data.telemetry.ok && <Unavailable store="telemetry" reason={data.telemetry.reason} />}
      <Section title="Scorecard" aside={`${done} of ${checks.length}`}>
        <RowTable
          rows={checks}
          columns={checkColumns}
          rowKey={(check) => check.key}
          label={`Scorecard of ${head.name}`}
        />
      </Section>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Section title="Depends on" aside="declared, and seen in traces of the last day">
          <NeighbourTable
            rows={data.dependsOn}
            label={`What ${head.name} depends on`}
            none="Nothing declared, nothing seen"
          />
        </Section>
        <Section title="Needed by" aside="declared, and seen in traces of the last day">
          <NeighbourTable
            rows={data.neededBy}
            label={`What depends on ${head.name}`}
            none="Nothing declared, nothing seen"
          />
        </Section>
        <Versions versions={data.versions} />
        <Section title="Objectives" aside="bad events of the last five minutes">
          {slos.length > 0 ? (
            <SloTable slos={slos} />
          ) : (
            <Empty title="No objective is in force for this service">
              A service without one gets an availability objective after its first requests.
            </Empty>
          )}
        </Section>
      </SimpleGrid>
      <Rest data={data} />
    </Stack>
  );
}
