import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { readSnapshot } from '#app/_server/console.ts';
import { RegistryView } from './_components/registry-view.tsx';
import type { RegistryData } from './_data.ts';

export const metadata: Metadata = { title: 'Registry' };

export default async function RegistryPage(): Promise<ReactNode> {
  return <RegistryView initial={await readSnapshot<RegistryData>({ kind: 'registry' })} />;
}
