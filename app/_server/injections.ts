import type { PrismaClient } from '#prisma/client';

/** A fault that chaos injected; instants in Unix ms. */
export type InjectionRow = {
  id: string;
  name: string;
  kind: string;
  target: string;
  share: number | null;
  latencyMs: number | null;
  ttlSeconds: number;
  author: string;
  state: string;
  createdAtMs: number;
  injectedAtMs: number | null;
  expiresAtMs: number;
  undoneAtMs: number | null;
  endReason: string | null;
  drillId: string | null;
};

/** A vertical line on a chart. */
export type Marker = { atMs: number; kind: 'injected' | 'undone' | 'page'; label: string; faultId: string | null };

type StoredInjection = Awaited<ReturnType<PrismaClient['injection']['findMany']>>[number];

function readNumber(params: unknown, key: string): number | null {
  if (typeof params !== 'object' || params === null) return null;
  const value: unknown = Reflect.get(params, key);
  return typeof value === 'number' ? value : null;
}

function toInjectionRow(injection: StoredInjection): InjectionRow {
  return {
    id: injection.id,
    name: injection.name,
    kind: injection.kind,
    target: injection.target,
    share: readNumber(injection.params, 'share'),
    latencyMs: readNumber(injection.params, 'latencyMs'),
    ttlSeconds: injection.ttlSeconds,
    author: injection.author,
    state: injection.state,
    createdAtMs: injection.createdAt.getTime(),
    injectedAtMs: injection.injectedAt?.getTime() ?? null,
    expiresAtMs: injection.expiresAt.getTime(),
    undoneAtMs: injection.undoneAt?.getTime() ?? null,
    endReason: injection.endReason,
    drillId: injection.drillId,
  };
}

/** Injections in force or about to be. */
export async function readActiveInjections(prisma: PrismaClient): Promise<InjectionRow[]> {
  const rows = await prisma.injection.findMany({
    where: { state: { in: ['intended', 'active'] } },
    orderBy: { createdAt: 'asc' },
  });
  return rows.map(toInjectionRow);
}

/** The latest injections that are over, newest first. */
export async function readPastInjections(prisma: PrismaClient, limit: number): Promise<InjectionRow[]> {
  const rows = await prisma.injection.findMany({
    where: { state: { notIn: ['intended', 'active'] } },
    orderBy: { createdAt: 'desc' },
    take: limit,
  });
  return rows.map(toInjectionRow);
}

/** What happened in a window that charts should mark: faults injected and undone, pages that went out. */
export async function readMarkers(
  prisma: PrismaClient,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Marker[]> {
  const within = { gte: new Date(fromMs), lte: new Date(toMs) };
  const [injections, faults] = await Promise.all([
    prisma.injection.findMany({
      where: { OR: [{ injectedAt: within }, { undoneAt: within }] },
      orderBy: { createdAt: 'desc' },
      take: 30,
    }),
    prisma.fault.findMany({ where: { firingAt: within }, orderBy: { firingAt: 'desc' }, take: 30 }),
  ]);
  const markers: Marker[] = [];
  for (const { name, injectedAt, undoneAt } of injections) {
    if (injectedAt !== null) markers.push({ atMs: injectedAt.getTime(), kind: 'injected', label: name, faultId: null });
    if (undoneAt !== null) {
      markers.push({ atMs: undoneAt.getTime(), kind: 'undone', label: `${name} undone`, faultId: null });
    }
  }
  for (const fault of faults) {
    const atMs = (fault.acceptedAt ?? fault.sentAt ?? fault.firingAt).getTime();
    markers.push({ atMs, kind: 'page', label: `page #${fault.number} (${fault.service})`, faultId: fault.id });
  }
  return markers.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).sort((a, b) => a.atMs - b.atMs);
}
