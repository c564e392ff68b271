import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { isSessionId } from '#app/_live/topics.ts';
import { readSnapshot } from '#app/_server/console.ts';
import { SessionView } from './_components/session-view.tsx';
import { type SessionData, sessionTraces } from './_data.ts';

export const metadata: Metadata = { title: 'Session' };

export default async function SessionPage({ params }: { params: Promise<{ session: string }> }): Promise<ReactNode> {
  const id = decodeURIComponent((await params).session);
  if (!isSessionId(id)) notFound();
  const initial = await readSnapshot<SessionData>({ kind: 'session', id });
  return <SessionView key={initial.topic} initial={initial} id={id} limit={sessionTraces} />;
}
