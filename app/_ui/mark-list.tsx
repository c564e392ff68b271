'use client';
import { Anchor, Group, Text } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Marker } from '#app/_server/injections.ts';
import { numberMarks } from './marks.ts';
import { Clock } from './time.tsx';

const longestList = 12;

/** What the numbered lines on the charts above are, newest last, and what kinds of line there are. */
export function MarkList({ markers }: { markers: readonly Marker[] }): ReactNode {
  const marks = numberMarks(markers);
  const shown = marks.slice(-longestList);
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
          {shown.map(({ number, atMs, kind, label, faultId }) => (
            <Text component="li" key={number} size="xs">
              <Text span inherit fw={700} c={kind === 'injected' ? 'var(--mantine-color-violet-text)' : undefined}>
                {number}
              </Text>{' '}
              <Clock ms={atMs} />{' '}
              <Anchor component={Link} inherit href={faultId === null ? '/chaos' : `/faults/${faultId}`}>
                {kind === 'injected' ? `${label} injected` : label}
              </Anchor>
            </Text>
          ))}
        </Group>
      )}
      <Text size="xs" c="dimmed" mt="xs">
        {marks.length > shown.length && `The latest ${longestList} of ${marks.length} marks. `}
        {marks.length > 0 && 'Vertical lines: dashed, a fault injected; dotted, undone; solid, a page. '}
        Drag over a chart to select a range.
      </Text>
    </>
  );
}
