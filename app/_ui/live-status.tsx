'use client';
import { Alert, Tooltip } from '@mantine/core';
import { IconPlugConnectedX, IconPointFilled, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLiveStatus, useNow } from '#app/_live/live.tsx';
import { formatDuration } from './format.ts';
import classes from './shell.module.css';

/** A reconnect that succeeds within this time is not worth a word. */
const graceMs = 5_000;

/** Whether the values on the page are live. */
export function LiveBadge(): ReactNode {
  const { state, lastBeatMs } = useLiveStatus();
  const nowMs = useNow();
  const stale = state === 'reconnecting' && (lastBeatMs === null || nowMs - lastBeatMs > graceMs);
  const text = stale ? 'Reconnecting' : state === 'connecting' ? 'Connecting' : 'Live';
  const Icon = stale ? IconPlugConnectedX : state === 'connecting' ? IconRefresh : IconPointFilled;
  return (
    <Tooltip label={stale ? 'The console does not answer; trying again' : 'Values are at most 3 s old'}>
      <span className={classes.live} role="status" data-live={stale ? 'stale' : state}>
        <Icon size={15} aria-hidden="true" color={stale ? 'currentColor' : 'var(--mantine-color-teal-6)'} />
        <span className={classes.liveText}>{text}</span>
      </span>
    </Tooltip>
  );
}

/** Says that what is on the page is old, and how old. */
export function StaleBanner(): ReactNode {
  const { state, lastBeatMs } = useLiveStatus();
  const nowMs = useNow();
  if (state !== 'reconnecting' || lastBeatMs === null || nowMs - lastBeatMs <= graceMs) return null;
  return (
    <Alert
      color="gray"
      mb="sm"
      icon={<IconPlugConnectedX />}
      title={`Reconnecting: values are ${formatDuration(nowMs - lastBeatMs)} old`}
    >
      The console process does not answer. Pages to other receivers still go out; this page recovers by itself.
    </Alert>
  );
}
