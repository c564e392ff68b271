import type { PrismaClient } from '#prisma/client';
import { type DrillPage, noStages, progressSchema, type Stages, type Verdict } from '../contract.ts';
import { announce } from '../faults/store.ts';
import type { SeenPage, Situation } from './score.ts';

export type DrillStart = { id: string; name: string; author: string; limitSeconds: number; ttlSeconds: number };

export type DrillOutcome = {
  state: 'done' | 'refused';
  verdict: Verdict | null;
  reason: string;
  detectionSeconds: number | null;
  page: DrillPage | null;
};

/** What alerts recorded about one fault's way to the pager. */
export type FaultLedger = Pick<Stages, 'firstBad' | 'stored' | 'firing' | 'sent' | 'accepted' | 'resolved'>;

export type DrillStore = {
  create: (start: DrillStart) => Promise<void>;
  /** Adds a line of progress and, when given, what is known of the stages by now. */
  progress: (id: string, text: string, stages?: Stages) => Promise<void>;
  finish: (id: string, outcome: DrillOutcome) => Promise<void>;
  exists: (id: string) => Promise<boolean>;
  /** Ends drills whose controller died in the middle. */
  closeAbandoned: () => Promise<void>;
  readSituation: () => Promise<Situation>;
  /** Pages accepted for faults that began to fire at `since` (ms since the epoch) or later, oldest first. */
  listPages: (since: number) => Promise<SeenPage[]>;
  readLedger: (faultId: string) => Promise<FaultLedger>;
};

/** @param prisma client of the control database in the role `chaos`, which may read what alerts wrote */
export function createDrillStore(prisma: PrismaClient, now: () => number): DrillStore {
  const writes = createWrites(prisma, now);
  return {
    ...writes,
    exists: async (id) => (await prisma.drill.count({ where: { id } })) > 0,
    readSituation: async () => {
      const [stop, running, injections, openFaults, firing] = await Promise.all([
        prisma.globalStop.findUnique({ where: { id: 1 } }),
        prisma.drill.findFirst({ where: { state: 'running' }, select: { name: true } }),
        prisma.injection.findMany({ where: { state: { in: ['intended', 'active'] } }, select: { name: true } }),
        prisma.fault.findMany({ where: { state: { not: 'resolved' } }, select: { number: true, service: true } }),
        prisma.sloState.findMany({
          where: { status: 'firing' },
          select: { slo: { select: { id: true, service: true } } },
        }),
      ]);
      return {
        globalStop: stop?.pulledAt ? { pulledBy: stop.pulledBy ?? 'unknown' } : null,
        running: running?.name ?? null,
        injections: injections.map(({ name }) => name),
        openFaults,
        firingSlos: firing.map(({ slo }) => slo),
      };
    },
    listPages: async (since) => {
      const faults = await prisma.fault.findMany({
        where: { firingAt: { gte: new Date(since) }, acceptedAt: { not: null } },
        orderBy: { acceptedAt: 'asc' },
      });
      return faults.map(({ id, service, sloId, summary, acceptedAt }) => ({
        faultId: id,
        service,
        slo: sloId,
        summary,
        acceptedAt: (acceptedAt ?? new Date(0)).getTime(),
      }));
    },
    readLedger: async (faultId) => {
      const fault = await prisma.fault.findUniqueOrThrow({ where: { id: faultId } });
      return {
        firstBad: iso(fault.firstBadAt),
        stored: iso(fault.storedAt),
        firing: iso(fault.firingAt),
        sent: iso(fault.sentAt),
        accepted: iso(fault.acceptedAt),
        resolved: iso(fault.resolvedAt),
      };
    },
  };
}

function createWrites(
  prisma: PrismaClient,
  now: () => number,
): Pick<DrillStore, 'create' | 'progress' | 'finish' | 'closeAbandoned'> {
  return {
    create: async (start) => {
      const data = { ...start, limitSeconds: Math.ceil(start.limitSeconds), ttlSeconds: Math.ceil(start.ttlSeconds) };
      const row = { ...data, state: 'running', stages: noStages, progress: [], startedAt: new Date(now()) };
      await prisma.$transaction([prisma.drill.create({ data: row }), announce(prisma, start.id)]);
    },
    progress: async (id, text, stages) => {
      const { progress } = await prisma.drill.findUniqueOrThrow({ where: { id }, select: { progress: true } });
      const lines = [...progressSchema.parse(progress), { at: new Date(now()).toISOString(), text }];
      const data = { progress: lines, ...(stages === undefined ? {} : { stages }) };
      await prisma.$transaction([prisma.drill.update({ where: { id }, data }), announce(prisma, id)]);
    },
    finish: async (id, { page, ...outcome }) => {
      const data = { ...outcome, endedAt: new Date(now()), ...(page === null ? {} : { page }) };
      await prisma.$transaction([prisma.drill.update({ where: { id }, data }), announce(prisma, id)]);
    },
    closeAbandoned: async () => {
      const data = { state: 'done', reason: 'abandoned: the controller was restarted', endedAt: new Date(now()) };
      await prisma.drill.updateMany({ where: { state: 'running' }, data });
    },
  };
}

/** A store whose database may be away for a minute while a drill runs: what a drill needs then is asked again. */
export function bePatient(store: DrillStore, sleep: (ms: number) => Promise<unknown>): DrillStore {
  const retrying =
    <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      for (let attempt = 1; attempt < 60; attempt += 1) {
        try {
          return await work(...given);
        } catch {
          await sleep(1_000);
        }
      }
      return work(...given);
    };
  return {
    ...store,
    progress: retrying(store.progress),
    finish: retrying(store.finish),
    listPages: retrying(store.listPages),
    readLedger: retrying(store.readLedger),
  };
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
