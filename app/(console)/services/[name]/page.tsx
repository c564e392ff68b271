import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { parseRange } from '#app/_live/time-range.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { Markdown } from '#app/_ui/markdown.tsx';
import { ServiceView } from './_components/service-view.tsx';
import type { ServiceData } from './_data.ts';
import { readName, type ServiceProps } from './_name.ts';

type Props = ServiceProps & { searchParams: Promise<Record<string, string | string[] | undefined>> };

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
  const { runbook } = initial.value.head;
  return (
    <ServiceView
      key={initial.topic}
      initial={initial}
      runbook={runbook?.kind === 'text' ? <Markdown text={runbook.text} /> : null}
    />
  );
}
