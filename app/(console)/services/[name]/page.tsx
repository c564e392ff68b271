import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { parseRange } from '#app/_live/time-range.ts';
import { isServiceName } from '#app/_live/topics.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { Markdown } from '#app/_ui/markdown.tsx';
import { ServiceView } from './_components/service-view.tsx';
import type { ServiceData } from './_data.ts';

type Props = {
  params: Promise<{ name: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

async function readName(params: Props['params']): Promise<string> {
  const name = decodeURIComponent((await params).name);
  if (!isServiceName(name)) notFound();
  return name;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await readName(params) };
}

export default async function ServicePage({ params, searchParams }: Props): Promise<ReactNode> {
  const name = await readName(params);
  const { range } = await searchParams;
  const initial = await readSnapshot<ServiceData>({
    kind: 'service',
    name,
    range: parseRange(typeof range === 'string' ? range : null),
  });
  const { runbook } = initial.value.catalog;
  return (
    <ServiceView
      key={initial.topic}
      initial={initial}
      runbook={runbook === null ? null : <Markdown text={runbook} />}
    />
  );
}
