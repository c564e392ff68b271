import { Container, Text, Title } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';

export default function NotFound(): ReactNode {
  return (
    <Container py="xl" component="main">
      <Title order={1}>There is nothing here</Title>
      <Text>
        The address is wrong, or what it named is gone. See the <Link href="/">overview</Link> or the{' '}
        <Link href="/faults">list of faults</Link>.
      </Text>
    </Container>
  );
}
