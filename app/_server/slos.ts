import type { PrismaClient } from '#prisma/client';
import type { SloRow, SloStatus } from './slo-row.ts';

const statuses: readonly string[] = ['ok', 'pending', 'firing'];

/** The objectives in force, of one service or of all. */
export async function readSlos(prisma: PrismaClient, service?: string): Promise<SloRow[]> {
  const slos = await prisma.slo.findMany({
    where: { active: true, ...(service === undefined ? {} : { service }) },
    include: { state: { select: { status: true, good: true, bad: true, lastEventAt: true, updatedAt: true } } },
    orderBy: { id: 'asc' },
  });
  return slos.map((slo) => ({
    id: slo.id,
    service: slo.service,
    displayName: slo.displayName,
    sli: slo.sli,
    source: slo.source,
    objective: slo.objective,
    windowDays: slo.windowDays,
    automatic: slo.automatic,
    definition: slo.definition,
    owner: slo.owner,
    runbook: slo.runbook,
    status: statuses.includes(slo.state?.status ?? '') ? (slo.state?.status as SloStatus) : 'unknown',
    good: slo.state?.good ?? 0,
    bad: slo.state?.bad ?? 0,
    lastEventAtMs: slo.state?.lastEventAt?.getTime() ?? null,
    updatedAtMs: slo.state?.updatedAt.getTime() ?? null,
  }));
}
