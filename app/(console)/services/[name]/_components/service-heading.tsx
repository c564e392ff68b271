'use client';
import { Anchor, Badge, Group, Text, Title } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useRangeQuery } from '#app/_ui/range-picker.tsx';
import { serviceColor } from '#app/_ui/service-color.ts';
import classes from '#app/_ui/shell.module.css';
import { ServiceDot } from '#app/_ui/state.tsx';
import type { ServiceHead } from '../_head.ts';

type Place = 'now' | 'record' | 'api';

function Responsible({ head }: { head: ServiceHead }): ReactNode {
  const { owner, onCall, runbook } = head;
  return (
    <Text size="sm" c="dimmed">
      Owner: {owner ?? 'none on record'} · on call: {onCall.map(({ name }) => name).join(', ') || 'none on record'} ·
      runbook:{' '}
      {runbook === null ? (
        'none on record'
      ) : runbook.kind === 'link' ? (
        <Anchor inherit href={runbook.text} rel="noreferrer" style={{ overflowWrap: 'anywhere' }}>
          {runbook.text}
        </Anchor>
      ) : (
        <Anchor inherit component={Link} href={`/services/${encodeURIComponent(head.name)}#runbook`}>
          what to do
        </Anchor>
      )}
    </Text>
  );
}

/** The name of a service, whose it is, and the ways to its pages. */
export function ServiceHeading({
  head,
  place,
  aside,
}: {
  head: ServiceHead;
  place: Place;
  aside?: ReactNode;
}): ReactNode {
  const query = useRangeQuery();
  const base = `/services/${encodeURIComponent(head.name)}`;
  const places = [
    { value: 'now', label: 'Now', href: `${base}${query}` },
    { value: 'record', label: 'Record', href: `${base}/record${query}` },
    ...(head.hasApi ? [{ value: 'api', label: 'API', href: `${base}/api${query}` }] : []),
  ];
  return (
    <div>
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <ServiceDot color={serviceColor(head.name)} />
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {head.name}
            </Title>
            {head.system !== null && (
              <Badge variant="default" tt="none">
                {head.system}
              </Badge>
            )}
            {head.tier !== null && (
              <Badge variant="default" tt="none">
                tier {head.tier}
              </Badge>
            )}
          </Group>
          <Text size="sm">
            {head.description ??
              (head.recorded
                ? 'Its record does not say what it does.'
                : 'This service has no record here: all that is known comes from its telemetry.')}
          </Text>
          <Responsible head={head} />
        </div>
        {aside}
      </Group>
      <Group component="nav" gap={2} mt={6} aria-label={`Pages of ${head.name}`}>
        {places.map(({ value, label, href }) => (
          <Link key={value} href={href} className={classes.link} aria-current={value === place ? 'page' : undefined}>
            {label}
          </Link>
        ))}
      </Group>
    </div>
  );
}
