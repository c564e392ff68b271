'use client';
import { Alert, Button, Code, Group, Text } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}): ReactNode {
  return (
    <Alert color="gray" title="This page could not be shown" role="alert">
      <Text size="sm">
        The console failed while rendering it; no data is lost and paging goes on.
        {error.digest === undefined ? '' : ` The log has it as ${error.digest}:`} <Code>.data/logs/app.log</Code>
      </Text>
      <Group mt="sm" gap="xs">
        <Button size="xs" onClick={reset}>
          Try again
        </Button>
        <Button size="xs" variant="default" component={Link} href="/">
          Overview
        </Button>
      </Group>
    </Alert>
  );
}
