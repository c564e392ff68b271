import { Skeleton, Stack } from '@mantine/core';
import type { ReactNode } from 'react';

export default function Loading(): ReactNode {
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading">
      <Skeleton h={86} />
      <Skeleton h={290} />
      <Skeleton h={270} />
    </Stack>
  );
}
