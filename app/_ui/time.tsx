'use client';
import { Tooltip } from '@mantine/core';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useNow } from '#app/_live/live.tsx';
import { formatAgo, formatDuration, formatTime } from './format.ts';

type Zone = { utc: boolean; toggle: () => void };

const storageKey = 'bellwether.utc';
const ZoneContext = createContext<Zone>({ utc: true, toggle: () => {} });

/** Whether times read local or UTC; the server cannot know the zone, so the first view is UTC. */
export function ZoneProvider({ children }: { children: ReactNode }): ReactNode {
  const [utc, setUtc] = useState(true);
  useEffect(() => setUtc(localStorage.getItem(storageKey) === 'true'), []);
  const zone = useMemo(
    () => ({
      utc,
      toggle: () => {
        localStorage.setItem(storageKey, String(!utc));
        setUtc(!utc);
      },
    }),
    [utc],
  );
  return <ZoneContext value={zone}>{children}</ZoneContext>;
}

export function useZone(): Zone {
  return useContext(ZoneContext);
}

/** `3 min ago`, with the exact time on hover. */
export function Ago({ ms }: { ms: number }): ReactNode {
  const nowMs = useNow();
  const { utc } = useZone();
  return (
    <Tooltip label={formatTime(ms, { utc, style: 'exact' })} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={new Date(ms).toISOString()} style={{ whiteSpace: 'nowrap' }}>
        {formatAgo(nowMs - ms)}
      </time>
    </Tooltip>
  );
}

/** The time of day of an instant. */
export function Clock({ ms }: { ms: number }): ReactNode {
  const { utc } = useZone();
  return (
    <Tooltip label={formatTime(ms, { utc, style: 'exact' })} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={new Date(ms).toISOString()} style={{ whiteSpace: 'nowrap' }}>
        {formatTime(ms, { utc, style: 'clock' })}
      </time>
    </Tooltip>
  );
}

/** How long something has lasted, counting on while it lasts. */
export function Lasting({ fromMs, toMs }: { fromMs: number; toMs: number | null }): ReactNode {
  const nowMs = useNow();
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      {formatDuration(Math.max(0, Math.floor(((toMs ?? nowMs) - fromMs) / 1_000) * 1_000))}
    </span>
  );
}

/** Seconds left until an instant. */
export function Remaining({ untilMs }: { untilMs: number }): ReactNode {
  const nowMs = useNow();
  const leftMs = untilMs - nowMs;
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      {leftMs <= 0 ? 'ending' : `${formatDuration(Math.ceil(leftMs / 1_000) * 1_000)} left`}
    </span>
  );
}
