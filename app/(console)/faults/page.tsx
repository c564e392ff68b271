import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { readSnapshot } from '#app/_server/console.ts';
import { FaultsView } from './_components/faults-view.tsx';
import type { FaultsData } from './_data.ts';

export const metadata: Metadata = { title: 'Faults' };

export default async function FaultsPage(): Promise<ReactNode> {
  return <FaultsView initial={await readSnapshot<FaultsData>({ kind: 'faults' })} />;
}
