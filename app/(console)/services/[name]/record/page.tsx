import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { readSnapshot } from '#app/_server/console.ts';
import { readName, type ServiceProps } from '../_name.ts';
import { RecordView } from './_components/record-view.tsx';
import type { RecordData } from './_data.ts';

export async function generateMetadata({ params }: ServiceProps): Promise<Metadata> {
  return { title: `${await readName(params)}, record` };
}

export default async function RecordPage({ params }: ServiceProps): Promise<ReactNode> {
  const initial = await readSnapshot<RecordData>({ kind: 'record', name: await readName(params) });
  return <RecordView key={initial.topic} initial={initial} />;
}
