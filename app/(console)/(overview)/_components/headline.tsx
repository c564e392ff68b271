'use client';
import { Box, Button, Group, Paper, Text, Title } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ToneIcon } from '#app/_ui/state.tsx';
import { Clock, Lasting } from '#app/_ui/time.tsx';
import type { Headline } from '../_headline.ts';

const backgrounds = {
  hurt: 'var(--mantine-color-red-8)',
  handled: 'var(--mantine-color-red-light)',
  risk: 'var(--mantine-color-yellow-light)',
  ok: 'var(--mantine-color-teal-light)',
  unknown: 'var(--mantine-color-gray-light)',
  over: 'var(--mantine-color-gray-light)',
} as const;

/** The order of 3 a.m.: whether customers are hurt, what, since when, likely cause, what to do. */
export function HeadlineBanner({ headline }: { headline: Headline }): ReactNode {
  const { tone, words, detail, fault } = headline;
  return (
    <Paper
      p="md"
      style={{ background: backgrounds[tone] }}
      c={tone === 'hurt' ? 'white' : undefined}
      data-testid="headline"
      data-tone={tone}
    >
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group gap="sm" align="flex-start" wrap="nowrap" style={{ flex: '1 1 22rem', minWidth: 0 }}>
          <Box pt={3}>
            <ToneIcon tone={tone} size={24} />
          </Box>
          <Box style={{ minWidth: 0 }}>
            <Title order={1}>{words}</Title>
            <Text>{detail}</Text>
            {fault !== null && (
              <Text size="sm" mt={4}>
                For <Lasting fromMs={fault.onsetAtMs} toMs={null} /> (since <Clock ms={fault.onsetAtMs} />
                ), likely cause: <strong>{fault.service}</strong>.
              </Text>
            )}
          </Box>
        </Group>
        {fault !== null && (
          <Button component={Link} href={`/faults/${fault.id}`} variant="white" color="dark">
            Open fault #{fault.number}
          </Button>
        )}
      </Group>
    </Paper>
  );
}
