import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { parseRange } from '#app/_live/time-range.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { EventsView } from './_components/events-view.tsx';
import type { EventsData } from './_data.ts';

export const metadata: Metadata = { title: 'Events' };

type Search = Promise<Record<string, string | string[] | undefined>>;

export default async function EventsPage({ searchParams }: { searchParams: Search }): Promise<ReactNode> {
  const { range } = await searchParams;
  const initial = await readSnapshot<EventsData>({
    kind: 'events',
    range: parseRange(typeof range === 'string' ? range : null),
  });
  return <EventsView key={initial.topic} initial={initial} />;
}
