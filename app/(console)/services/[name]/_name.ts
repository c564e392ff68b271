import { notFound } from 'next/navigation';
import { isServiceName } from '#app/_live/topics.ts';

export type ServiceProps = { params: Promise<{ name: string }> };

/** The service that the address names; 404 for what cannot be a name. */
export async function readName(params: ServiceProps['params']): Promise<string> {
  const name = decodeURIComponent((await params).name);
  if (!isServiceName(name)) notFound();
  return name;
}
