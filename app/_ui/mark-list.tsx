'use client';
import { Anchor, Group, Text } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Marker } from '#app/_server/markers.ts';
import { markLooks, numberMarks } from './marks.ts';
import { Clock } from './time.tsx';

const longestList = 12;

/** What the numbered lines on the charts above are, newest last, and what kinds of line there are. */
export function MarkList({ markers }: { markers: readonly Marker[] }): ReactNode {
  const marks = numberMarks(markers);
  const shown = marks.slice(-longestList);
  const kinds = Object.keys(markLooks) as Marker['kind'][];
  const meanings = kinds
    .filter((kind) => markers.some((mark) => mark.kind === kind))
    .map((kind) => markLooks[kind].meaning);
  return (
    <>
      {shown.length > 0 && (
        <Group
          component="ol"
          gap="4px 16px"
          mt="xs"
          mb={0}
          p={0}
          style={{ listStyle: 'none' }}
          aria-label="Marks on the charts"
        >
          {shown.map(({ number, atMs, kind, label, href }) => (
            <Text component="li" key={number} size="xs" style={{ overflowWrap: 'anywhere' }}>
              <Text span inherit fw={700} c={kind === 'injected' ? 'var(--mantine-color-violet-text)' : undefined}>
                {number}
              </Text>{' '}
              <Clock ms={atMs} />{' '}
              {href === null ? (
                label
              ) : (
                <Anchor component={Link} inherit href={href}>
                  {label}
                </Anchor>
              )}
            </Text>
          ))}
        </Group>
      )}
      <Text size="xs" c="dimmed" mt="xs">
        {marks.length > shown.length && `The latest ${longestList} of ${marks.length} marks. `}
        {meanings.length > 0 && `Vertical lines: ${meanings.join('; ')}. `}
        Drag over a chart to select a range.
      </Text>
    </>
  );
}
