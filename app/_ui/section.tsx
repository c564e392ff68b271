import { Group, Paper, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

/** A titled part of a page; `aside` says the unit and the window of what it shows. */
export function Section({
  title,
  aside,
  children,
  id,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  id?: string;
}): ReactNode {
  const labelId = useId();
  return (
    <Paper component="section" withBorder p="sm" aria-labelledby={labelId} id={id} style={{ minWidth: 0 }}>
      <Group justify="space-between" mb="xs" gap="xs" align="baseline">
        <Title order={2} id={labelId}>
          {title}
        </Title>
        {aside !== undefined && (
          <Text size="xs" c="dimmed" component="div">
            {aside}
          </Text>
        )}
      </Group>
      {children}
    </Paper>
  );
}
