'use client';
import { Box, Table, Text, UnstyledButton } from '@mantine/core';
import { IconAlertHexagon } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { formatDuration } from '#app/_ui/format.ts';
import { serviceColor } from '#app/_ui/service-color.ts';
import { ServiceDot } from '#app/_ui/state.tsx';
import type { WaterfallSpan } from '../_waterfall.ts';
import classes from './waterfall.module.css';

/** Right of this share of the width, a bar's label stands before it instead of behind. */
const flipAt = 0.7;

function Bar({ span, totalMs }: { span: WaterfallSpan; totalMs: number }): ReactNode {
  const share = (ms: number): number => (totalMs === 0 ? 0 : ms / totalMs);
  const [left, width] = [share(span.offsetMs), share(span.durationMs)];
  const [name, shade] = serviceColor(span.service).split('.');
  const end = left + width;
  const label = end > flipAt ? { right: `${(1 - left) * 100}%` } : { left: `${end * 100}%` };
  const inside = end > flipAt && left < 1 - flipAt;
  return (
    <span className={classes.track}>
      <span
        className={classes.bar}
        style={{
          left: `${left * 100}%`,
          width: `${width * 100}%`,
          background: `var(--mantine-color-${name}-${shade})`,
        }}
      />
      <span
        className={classes.label}
        style={
          inside
            ? {
                right: `${(1 - end) * 100}%`,
                color: 'white',
                mixBlendMode: 'normal',
                textShadow: '0 0 3px #000, 0 0 2px #000',
              }
            : label
        }
      >
        {formatDuration(span.durationMs)}
      </span>
    </span>
  );
}

function Details({ span }: { span: WaterfallSpan }): ReactNode {
  const events = span.events.flatMap((event) => [
    [`event: ${event.name}`, `${formatDuration(event.timeMs - span.startMs)} after the span began`],
    ...Object.entries(event.attributes),
  ]);
  const rows = [
    ['kind', span.kind],
    ...(span.statusMessage === '' ? [] : [['status', span.statusMessage]]),
    ...Object.entries(span.attributes),
    ...events,
  ];
  return (
    <Box pl="md" py={4}>
      <Table fz="xs" withRowBorders={false} verticalSpacing={2} aria-label={`Attributes of ${span.name}`}>
        <Table.Tbody>
          {rows.map(([key, value]) => (
            <Table.Tr key={`${key}=${value}`}>
              <Table.Td c="dimmed" style={{ overflowWrap: 'anywhere', width: '35%' }}>
                {key}
              </Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}

/** The spans of a trace as bars on one time axis; one that failed has a sign and the word. */
export function Waterfall({ spans, totalMs }: { spans: readonly WaterfallSpan[]; totalMs: number }): ReactNode {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div data-testid="waterfall">
      {spans.map((span) => (
        <div key={span.spanId}>
          <UnstyledButton
            className={classes.row}
            aria-expanded={open === span.spanId}
            onClick={() => setOpen((now) => (now === span.spanId ? null : span.spanId))}
          >
            <span className={classes.name} style={{ paddingLeft: Math.min(span.depth, 12) * 10 }}>
              <ServiceDot color={serviceColor(span.service)} />
              <span className={classes.text}>
                {span.service}{' '}
                <Text span size="sm" c="dimmed">
                  {span.name}
                </Text>
              </span>
              {span.error && (
                <Text span size="xs" fw={600} style={{ display: 'inline-flex', alignItems: 'center', gap: 2 }}>
                  <IconAlertHexagon size={14} aria-hidden="true" /> failed
                </Text>
              )}
            </span>
            <Bar span={span} totalMs={totalMs} />
          </UnstyledButton>
          {open === span.spanId && <Details span={span} />}
        </div>
      ))}
    </div>
  );
}
