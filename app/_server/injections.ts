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
