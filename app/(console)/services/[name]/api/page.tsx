import { Alert, Code, Stack, Text } from '@mantine/core';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { readApi } from '#app/_openapi/read-api.ts';
import { findAddress } from '#app/_openapi/try-it.ts';
import { getConsole } from '#app/_server/console.ts';
import { mayTryOut } from '#app/_server/try-out.ts';
import { Section } from '#app/_ui/section.tsx';
import { ServiceHeading } from '../_components/service-heading.tsx';
import { readRecord, toHead } from '../_head.ts';
import { readName, type ServiceProps } from '../_name.ts';
import { ApiOperations } from './_components/api-operations.tsx';

export async function generateMetadata({ params }: ServiceProps): Promise<Metadata> {
  return { title: `${await readName(params)}, API` };
}

/** The descriptions of a service's APIs. They change with its files alone, so that nothing here is live. */
export default async function ApiPage({ params }: ServiceProps): Promise<ReactNode> {
  const { sources, env } = getConsole();
  const record = await readRecord(sources, await readName(params));
  return (
    <Stack gap="sm">
      <ServiceHeading head={toHead(record)} place="api" />
      {record.apis.length === 0 && (
        <Section title="API">
          <Text size="sm">
            None on record. Add an entity of kind API to its <Code>catalog-info.yaml</Code>, and list it under
            spec.providesApis of the component.
          </Text>
        </Section>
      )}
      {record.apis.map((api) => {
        const parsed = readApi(api);
        if (api.type !== 'openapi' && api.definition !== null) {
          return (
            <Section key={api.name} title={api.title} aside={api.type}>
              <Code block>{api.definition}</Code>
            </Section>
          );
        }
        if (!parsed.ok) {
          return (
            <Alert key={api.name} color="yellow" title={`The description of ${api.name} cannot be shown`}>
              {parsed.reason}
            </Alert>
          );
        }
        const { title, version, description, operations, servers } = parsed.api;
        const address = findAddress(servers, env.ports);
        return (
          <Section key={api.name} title={`${title} ${version}`} aside={`${operations.length} operations`}>
            {description !== '' && (
              <Text size="sm" mb="xs">
                {description}
              </Text>
            )}
            <ApiOperations
              service={record.name}
              api={api.name}
              operations={operations}
              address={address.ok && mayTryOut(env) ? address.origin : null}
            />
          </Section>
        );
      })}
    </Stack>
  );
}
