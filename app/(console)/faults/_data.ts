import { type FaultRow, readLatestFaults } from '#app/_server/faults.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { Sources } from '#app/_server/sources.ts';

export type FaultsData = { atMs: number; faults: Loaded<FaultRow[]> };

/** The latest 200 faults, newest first. */
export async function readFaults({ prisma, clock }: Sources): Promise<FaultsData> {
  return { atMs: clock(), faults: await attempt(readLatestFaults(prisma, 200)) };
}
