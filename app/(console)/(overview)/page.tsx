import type { ReactNode } from 'react';
import { parseRange } from '#app/_live/time-range.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { Overview } from './_components/overview.tsx';
import type { FiguresData, OverviewData } from './_data.ts';

type Search = Promise<Record<string, string | string[] | undefined>>;

export default async function OverviewPage({ searchParams }: { searchParams: Search }): Promise<ReactNode> {
  const { range: text } = await searchParams;
  const range = parseRange(typeof text === 'string' ? text : null);
  // Not awaited: whether customers are hurt must not wait for the telemetry store.
  const figures = readSnapshot<FiguresData>({ kind: 'figures', range });
  const initial = await readSnapshot<OverviewData>({ kind: 'overview', range });
  return <Overview key={initial.topic} initial={initial} figures={figures} />;
}
