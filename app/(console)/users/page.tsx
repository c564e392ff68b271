import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { parseRange } from '#app/_live/time-range.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { UsersView } from './_components/users-view.tsx';
import type { UsersData } from './_data.ts';

export const metadata: Metadata = { title: 'Real users' };

type Search = Promise<Record<string, string | string[] | undefined>>;

export default async function UsersPage({ searchParams }: { searchParams: Search }): Promise<ReactNode> {
  const { range } = await searchParams;
  const initial = await readSnapshot<UsersData>({
    kind: 'users',
    range: parseRange(typeof range === 'string' ? range : null),
  });
  return <UsersView key={initial.topic} initial={initial} />;
}
