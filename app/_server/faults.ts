import type { PrismaClient } from '#prisma/client';

export type FaultState = 'firing' | 'acknowledged' | 'resolved';

/** One fault in a list; instants in Unix ms. */
export type FaultRow = {
  id: string;
  number: number;
  state: FaultState;
  service: string;
  sloId: string;
  summary: string;
  onsetAtMs: number;
  firingAtMs: number;
  acknowledgedAtMs: number | null;
  acknowledgedBy: string | null;
  resolvedAtMs: number | null;
  resolvedBy: string | null;
  resolveReason: string | null;
};

type StoredFault = Awaited<ReturnType<PrismaClient['fault']['findMany']>>[number];

function toFaultState(state: string): FaultState {
  return state === 'acknowledged' || state === 'resolved' ? state : 'firing';
}

export function toFaultRow(fault: StoredFault): FaultRow {
  return {
    id: fault.id,
    number: fault.number,
    state: toFaultState(fault.state),
    service: fault.service,
    sloId: fault.sloId,
    summary: fault.summary,
    onsetAtMs: fault.onsetAt.getTime(),
    firingAtMs: fault.firingAt.getTime(),
    acknowledgedAtMs: fault.acknowledgedAt?.getTime() ?? null,
    acknowledgedBy: fault.acknowledgedBy,
    resolvedAtMs: fault.resolvedAt?.getTime() ?? null,
    resolvedBy: fault.resolvedBy,
    resolveReason: fault.resolveReason,
  };
}

/** Faults that are not over, oldest first. */
export async function readOpenFaults(prisma: PrismaClient): Promise<FaultRow[]> {
  const faults = await prisma.fault.findMany({ where: { state: { not: 'resolved' } }, orderBy: { firingAt: 'asc' } });
  return faults.map(toFaultRow);
}

/** The latest faults, open or over, newest first. */
export async function readLatestFaults(prisma: PrismaClient, limit: number): Promise<FaultRow[]> {
  const faults = await prisma.fault.findMany({ orderBy: { firingAt: 'desc' }, take: limit });
  return faults.map(toFaultRow);
}
