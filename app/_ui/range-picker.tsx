'use client';
import { Button, Group, NativeSelect } from '@mantine/core';
import { useRouter, useSearchParams } from 'next/navigation';
import { type ReactNode, useTransition } from 'react';
import { formatRange, type Preset, parseRange, presetMinutes, presets } from '#app/_live/time-range.ts';
import { formatDuration, formatTime } from './format.ts';
import { useZone } from './time.tsx';

/** The time range of the page's charts; it lives in the URL. */
export function RangePicker({ longest = '24h' }: { longest?: Preset }): ReactNode {
  const router = useRouter();
  const range = parseRange(useSearchParams().get('range'));
  const { utc } = useZone();
  const [pending, start] = useTransition();
  const text = formatRange(range);
  const choose = (next: string): void => start(() => router.push(`?range=${next}`, { scroll: false }));
  const offered = presets.slice(0, presets.indexOf(longest) + 1);
  const options = offered.map((preset) => ({
    value: preset as string,
    label: `Last ${formatDuration(presetMinutes[preset] * 60_000)}`,
  }));
  if (range.kind === 'between') {
    const [from, to] = [range.fromMs, range.toMs].map((ms) => formatTime(ms, { utc, style: 'clock' }));
    options.unshift({ value: text, label: `${from} – ${to}` });
  }
  return (
    <Group gap="xs" wrap="nowrap">
      {range.kind === 'between' && (
        <Button size="xs" variant="default" onClick={() => choose('15m')}>
          Back to live
        </Button>
      )}
      <NativeSelect
        size="xs"
        aria-label="Time range"
        data={options}
        value={text}
        disabled={pending}
        onChange={(event) => choose(event.currentTarget.value)}
      />
    </Group>
  );
}

/** The current range as it stands in the address. */
export function useRangeText(): string {
  return formatRange(parseRange(useSearchParams().get('range')));
}

/** The current range as a query string to carry along in links; empty for the default, and for what other pages do not offer. */
export function useRangeQuery(): string {
  const text = useRangeText();
  return ['15m', '7d', '30d'].includes(text) ? '' : `?range=${text}`;
}
