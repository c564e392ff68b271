import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { isUuid } from '#app/_live/topics.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { FaultView } from './_components/fault-view.tsx';
import type { FaultData } from './_data.ts';

type Props = { params: Promise<{ id: string }> };

async function read(params: Props['params']): Promise<ReturnType<typeof readSnapshot<FaultData>>> {
  const { id } = await params;
  if (!isUuid(id)) notFound();
  return readSnapshot<FaultData>({ kind: 'fault', id });
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { detail } = (await read(params)).value;
  return { title: detail.ok && detail.value !== null ? `Fault #${detail.value.fault.number}` : 'Fault' };
}

export default async function FaultPage({ params }: Props): Promise<ReactNode> {
  const initial = await read(params);
  if (initial.value.detail.ok && initial.value.detail.value === null) notFound();
  return <FaultView key={initial.topic} initial={initial} />;
}
