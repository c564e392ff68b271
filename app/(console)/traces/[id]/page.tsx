import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { isTraceId } from '#app/_live/topics.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { TraceView } from './_components/trace-view.tsx';
import type { TraceData } from './_data.ts';

export const metadata: Metadata = { title: 'Trace' };

export default async function TracePage({ params }: { params: Promise<{ id: string }> }): Promise<ReactNode> {
  const { id } = await params;
  if (!isTraceId(id)) notFound();
  const initial = await readSnapshot<TraceData>({ kind: 'trace', id });
  return <TraceView key={initial.topic} initial={initial} id={id} />;
}
