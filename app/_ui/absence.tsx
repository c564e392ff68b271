import { Alert, Code, EmptyState, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** An empty part of a page: what fills it, and the command that does. */
export function Empty({
  title,
  children,
  command,
}: {
  title: string;
  children?: ReactNode;
  command?: string;
}): ReactNode {
  return (
    <EmptyState
      size="xs"
      py="sm"
      title={title}
      description={
        <>
          {children}
          {command !== undefined && (
            <>
              <br />
              <Code style={{ display: 'inline-block', maxWidth: '100%', overflowX: 'auto', whiteSpace: 'nowrap' }}>
                {command}
              </Code>
            </>
          )}
        </>
      }
    />
  );
}

const stores = {
  telemetry: {
    name: 'The telemetry store (ClickHouse)',
    loss: 'Collectors refuse new data with 503 meanwhile and senders retry; nothing that was acknowledged is lost. Faults and pages below are unaffected, but no new ones can be detected.',
    log: '.data/logs/clickhouse.log',
  },
  control: {
    name: 'The control database (Postgres)',
    loss: 'Nothing recorded is lost. Faults cannot be shown, acknowledged or injected until it is back; the alerts process sends what is due then.',
    log: '.data/logs/postgres.log',
  },
} as const;

/** A store that does not answer: what failed, whether data is lost, and the next step. */
export function Unavailable({ store, reason }: { store: keyof typeof stores; reason: string }): ReactNode {
  const { name, loss, log } = stores[store];
  return (
    <Alert
      color="gray"
      variant="light"
      icon={<IconPlugConnectedX />}
      title={`${name} cannot be read: ${reason}`}
      role="status"
    >
      <Text size="sm">{loss}</Text>
      <Text size="sm" mt={4}>
        This page goes on asking and fills itself. If it stays away, look at <Code>npx bellwether status</Code> and{' '}
        <Code>{log}</Code>.
      </Text>
    </Alert>
  );
}
