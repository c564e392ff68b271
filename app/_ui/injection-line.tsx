'use client';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { InjectionRow } from '#app/_server/injections.ts';
import { formatDuration, formatShare } from './format.ts';
import { Remaining } from './time.tsx';

/** What an injected fault does, in words. */
export function describeInjection({ kind, target, share, latencyMs }: InjectionRow): string {
  const part = share === null || share >= 1 ? 'all requests' : `${formatShare(share)} of requests`;
  switch (kind) {
    case 'error':
      return `${target} fails ${part}`;
    case 'latency':
      return `${target} delays ${part}${latencyMs === null ? '' : ` by about ${formatDuration(latencyMs)}`}`;
    case 'hang':
      return `${target} never answers ${part}`;
    case 'crash':
      return `${target} crashes once`;
    case 'kill':
      return `${target} is held down`;
    default:
      return `${kind} in ${target}`;
  }
}

/** An injection in one line: name, what it does, how long it still lives. */
export function InjectionLine({ injection }: { injection: InjectionRow }): ReactNode {
  return (
    <Text size="sm">
      <strong>{injection.name}</strong>: {describeInjection(injection)}, started by {injection.author};{' '}
      {injection.state === 'active' ? <Remaining untilMs={injection.expiresAtMs} /> : 'starting'}
    </Text>
  );
}
