import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { readSnapshot } from '#app/_server/console.ts';
import { maxTtlSeconds } from '#chaos/contract';
import { drills } from '#chaos/drills/catalogue';
import { catalogue } from '#chaos/faults/catalogue';
import { type Catalogue, ChaosView } from './_components/chaos-view.tsx';
import type { ChaosData } from './_data.ts';

export const metadata: Metadata = { title: 'Chaos' };

export default async function ChaosPage(): Promise<ReactNode> {
  const choices: Catalogue = {
    faults: catalogue.map(({ name, target, description, params, adjustable }) => ({
      name,
      target,
      description,
      share: adjustable.includes('share') ? (params.share ?? 1) : null,
    })),
    drills: drills.map(({ name, description }) => ({ name, description })),
    maxTtlSeconds,
    defaultTtlSeconds: 120,
  };
  return <ChaosView initial={await readSnapshot<ChaosData>({ kind: 'chaos' })} catalogue={choices} />;
}
