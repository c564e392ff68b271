import { z } from 'zod';
import { attempt, type Loaded } from './loaded.ts';
import type { Sources } from './sources.ts';

/** A page as the in-browser pager announces it. */
export type ArrivedPage = {
  key: string;
  faultId: string;
  status: 'firing' | 'resolved';
  summary: string;
  service: string;
  severity: string;
  receivedAtMs: number;
};

export type ShellData = {
  atMs: number;
  control: Loaded<{
    openFaults: number;
    pages: ArrivedPage[];
    services: string[];
    faults: { id: string; number: number; service: string; summary: string; state: string }[];
  }>;
};

/** How long after its arrival a page is still announced to a console that was away. */
const announceMs = 15 * 60_000;

const payloadSchema = z.object({
  commonLabels: z.record(z.string(), z.string()).catch({}),
  commonAnnotations: z.record(z.string(), z.string()).catch({}),
});

async function readControl({ prisma, clock }: Sources) {
  const [openFaults, pages, slos, faults] = await Promise.all([
    prisma.fault.count({ where: { state: { not: 'resolved' } } }),
    prisma.page.findMany({
      where: { receivedAt: { gte: new Date(clock() - announceMs) } },
      orderBy: { receivedAt: 'desc' },
      take: 20,
    }),
    prisma.slo.findMany({ where: { active: true }, select: { service: true }, distinct: ['service'] }),
    prisma.fault.findMany({ orderBy: { firingAt: 'desc' }, take: 20 }),
  ]);
  return {
    openFaults,
    pages: pages.map((page): ArrivedPage => {
      const payload = payloadSchema.safeParse(page.payload).data;
      // Evidence that came after the page may name another cause; the banner must not contradict the fault.
      const fault = faults.find(({ id }) => id === page.faultId);
      return {
        key: page.idempotencyKey,
        faultId: page.faultId,
        status: page.status === 'resolved' ? 'resolved' : 'firing',
        summary: fault?.summary ?? payload?.commonAnnotations.summary ?? 'A fault was paged without a summary.',
        service: fault?.service ?? payload?.commonLabels.service ?? 'unknown',
        severity: payload?.commonLabels.severity ?? 'page',
        receivedAtMs: page.receivedAt.getTime(),
      };
    }),
    services: slos.map(({ service }) => service).sort(),
    faults: faults.map(({ id, number, service, summary, state }) => ({ id, number, service, summary, state })),
  };
}

/** What every page of the console carries: the pager, the number of open faults, the palette's names. */
export async function readShell(sources: Sources): Promise<ShellData> {
  return { atMs: sources.clock(), control: await attempt(readControl(sources)) };
}
