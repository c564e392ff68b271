'use client';
import { Alert, Code, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import { Empty, Unavailable } from '#app/_ui/absence.tsx';
import { toneRank } from '#app/_ui/health.ts';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { Section } from '#app/_ui/section.tsx';
import { ServiceName, StateBadge } from '#app/_ui/state.tsx';
import type { Registry, RegistryData, RegistryRow } from '../_data.ts';

function Absent({ word }: { word: string }): ReactNode {
  return (
    <Text span c="dimmed" size="sm">
      {word}
    </Text>
  );
}

const columns: Column<RegistryRow>[] = [
  {
    key: 'name',
    label: 'Service',
    value: (row) => row.name,
    render: (row) => <ServiceName name={row.name} />,
  },
  {
    key: 'health',
    label: 'Now',
    value: (row) => toneRank[row.health.tone],
    render: (row) => <StateBadge tone={row.health.tone}>{row.health.word}</StateBadge>,
  },
  {
    key: 'score',
    label: 'Record',
    numeric: true,
    value: (row) => row.done / row.checks,
    render: (row) => `${row.done} of ${row.checks}`,
  },
  {
    key: 'tier',
    label: 'Tier',
    numeric: true,
    value: (row) => row.tier ?? '~',
    render: (row) => row.tier ?? <Absent word="none" />,
  },
  {
    key: 'owner',
    label: 'Owner',
    value: (row) => row.owner ?? '~',
    render: (row) => row.owner ?? <Absent word="nobody" />,
  },
  {
    key: 'onCall',
    label: 'On call',
    value: (row) => row.onCall[0]?.name ?? '~',
    render: (row) => row.onCall.map(({ name }) => name).join(', ') || <Absent word="nobody" />,
  },
  {
    key: 'version',
    label: 'Version',
    secondary: true,
    value: (row) => row.versions[0] ?? '~',
    render: (row) => row.versions.join(', ') || <Absent word="not seen" />,
  },
  {
    key: 'needs',
    label: 'Depends on',
    numeric: true,
    secondary: true,
    value: (row) => row.needs,
    render: (row) => row.needs,
  },
  {
    key: 'neededBy',
    label: 'Needed by',
    numeric: true,
    secondary: true,
    value: (row) => row.neededBy,
    render: (row) => row.neededBy,
  },
  {
    key: 'missing',
    label: 'Missing',
    wide: true,
    secondary: true,
    render: (row) => row.missing.join(', ') || <Absent word="nothing" />,
  },
];

function Problems({ problems }: { problems: Registry['problems'] }): ReactNode {
  if (problems.length === 0) return null;
  return (
    <Alert
      color="yellow"
      title={`${problems.length === 1 ? 'One thing in the catalogue’s files is' : `${problems.length} things in the catalogue’s files are`} not as expected; the rest is in force`}
    >
      {problems.slice(0, 20).map(({ file, line, column, message }) => (
        <Text key={`${file}:${line}:${column}:${message}`} size="sm" style={{ overflowWrap: 'anywhere' }}>
          <b>
            {file}:{line}:{column}
          </b>{' '}
          {message}
        </Text>
      ))}
      {problems.length > 20 && <Text size="sm">and {problems.length - 20} more</Text>}
    </Alert>
  );
}

function Content({ data }: { data: RegistryData }): ReactNode {
  if (!data.registry.ok)
    return <Alert color="yellow" title={`The catalogue cannot be read: ${data.registry.reason}`} />;
  const { rows, problems } = data.registry.value;
  return (
    <>
      <Problems problems={problems} />
      {!data.control.ok && <Unavailable store="control" reason={data.control.reason} />}
      {!data.telemetry.ok && <Unavailable store="telemetry" reason={data.telemetry.reason} />}
      <Section title="Services" aside={`${rows.length} on record or seen in the last day`}>
        {rows.length === 0 ? (
          <Empty
            title="No service is on record, and none sent a span"
            command="BELLWETHER_CATALOG_GLOB='teams/**/catalog-info.yaml' npm start"
          >
            Services are described by Backstage’s catalogue files. Say where yours lie:
          </Empty>
        ) : (
          <RowTable
            rows={rows}
            columns={columns}
            rowKey={(row) => row.name}
            href={(row) => `/services/${encodeURIComponent(row.name)}/record`}
            label="Services on record"
          />
        )}
      </Section>
    </>
  );
}

/** Every service: how it is now, whose it is, who is called, and what its record lacks. */
export function RegistryView({ initial }: { initial: Snapshot<RegistryData> }): ReactNode {
  const data = useLive(initial);
  return (
    <Stack gap="sm">
      <div>
        <Title order={1}>Registry</Title>
        <Text size="sm">
          Whose each service is, who is called at night, and what its record lacks, from the files that{' '}
          <Code>BELLWETHER_CATALOG_GLOB</Code> names and from what was seen.
        </Text>
      </div>
      <Content data={data} />
    </Stack>
  );
}
