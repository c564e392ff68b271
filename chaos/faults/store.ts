import type { PrismaClient } from '#prisma/client';
import { faultParamsSchema } from '../contract.ts';
import type { Injectable } from './actuator.ts';
import type { FaultKind } from './catalogue.ts';

export type Intent = Injectable & {
  name: string;
  ttlSeconds: number;
  author: string;
  createdAt: Date;
  expiresAt: Date;
  drillId: string | null;
};

export type Ending = { state: 'ended' | 'failed'; reason: string; undoneAt: Date };

/** The durable record of what was meant to be injected and what became of it; every change is notified on `injections`. */
export type InjectionStore = {
  recordIntent: (intent: Intent) => Promise<void>;
  recordActive: (id: string, injectedAt: Date) => Promise<void>;
  recordEnd: (id: string, ending: Ending) => Promise<void>;
  /** Injections that may still be in force. */
  listOpen: () => Promise<(Injectable & { expiresAt: Date })[]>;
  readGlobalStop: () => Promise<{ pulledBy: string; reason: string | null } | null>;
  pullGlobalStop: (by: string, reason: string | null, at: Date) => Promise<void>;
  releaseGlobalStop: () => Promise<void>;
};

/** Announces a change of an injection or a drill; joins a `$transaction` as its last step. */
export function announce(prisma: PrismaClient, id: string): ReturnType<PrismaClient['$executeRaw']> {
  return prisma.$executeRaw`SELECT pg_notify('injections', ${id})`;
}

/** @param prisma client of the control database in the role `chaos` */
export function createInjectionStore(prisma: PrismaClient): InjectionStore {
  return {
    recordIntent: async (intent) => {
      const insert = prisma.injection.create({ data: { ...intent, state: 'intended' } });
      await prisma.$transaction([insert, announce(prisma, intent.id)]);
    },
    recordActive: async (id, injectedAt) => {
      const update = prisma.injection.updateMany({
        where: { id, state: 'intended' },
        data: { state: 'active', injectedAt },
      });
      await prisma.$transaction([update, announce(prisma, id)]);
    },
    recordEnd: async (id, { state, reason, undoneAt }) => {
      const update = prisma.injection.updateMany({
        where: { id, state: { in: ['intended', 'active'] } },
        data: { state, endReason: reason, undoneAt },
      });
      await prisma.$transaction([update, announce(prisma, id)]);
    },
    listOpen: async () => {
      const rows = await prisma.injection.findMany({ where: { state: { in: ['intended', 'active'] } } });
      return rows.map((row) => ({
        id: row.id,
        kind: row.kind as FaultKind,
        target: row.target,
        params: faultParamsSchema.parse(row.params),
        expiresAt: row.expiresAt,
      }));
    },
    readGlobalStop: async () => {
      const row = await prisma.globalStop.findUnique({ where: { id: 1 } });
      return row?.pulledAt ? { pulledBy: row.pulledBy ?? 'unknown', reason: row.reason } : null;
    },
    pullGlobalStop: async (pulledBy, reason, pulledAt) => {
      const data = { pulledAt, pulledBy, reason };
      const upsert = prisma.globalStop.upsert({ where: { id: 1 }, create: { id: 1, ...data }, update: data });
      await prisma.$transaction([upsert, announce(prisma, 'global-stop')]);
    },
    releaseGlobalStop: async () => {
      const data = { pulledAt: null, pulledBy: null, reason: null };
      const upsert = prisma.globalStop.upsert({ where: { id: 1 }, create: { id: 1, ...data }, update: data });
      await prisma.$transaction([upsert, announce(prisma, 'global-stop')]);
    },
  };
}
