import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { parseRange } from '#app/_live/time-range.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { BusinessView } from './_components/business-view.tsx';
import type { BusinessData } from './_data.ts';

export const metadata: Metadata = { title: 'Business' };

type Search = Promise<Record<string, string | string[] | undefined>>;

export default async function BusinessPage({ searchParams }: { searchParams: Search }): Promise<ReactNode> {
  const { range } = await searchParams;
  const initial = await readSnapshot<BusinessData>({
    kind: 'business',
    range: parseRange(typeof range === 'string' ? range : null),
  });
  return <BusinessView key={initial.topic} initial={initial} />;
}
