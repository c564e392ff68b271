import { z } from 'zod';
import type { PrismaClient } from '#prisma/client';
import type { AlertRecord, AlertState } from '../incidents/alert.ts';
import type { Evidence, FaultRecord, FaultState, Impact } from '../incidents/fault.ts';
import { emptyRoom, type Room, type SloRuntime } from './room.ts';

const excursionSchema = z
  .object({
    sum: z.number(),
    onsetMs: z.number(),
    storedMs: z.number(),
    evaluatedMs: z.number(),
    lastBadMs: z.number(),
    good: z.number(),
    bad: z.number(),
  })
  .nullable();

const countsSchema = z.array(z.tuple([z.number(), z.number(), z.number()]));

const runtimeSchema = z.object({
  detector: z.object({
    mode: z.enum(['calm', 'suspicious', 'alarm']),
    evidence: z.array(z.number()),
    excursions: z.array(excursionSchema),
    recent: countsSchema,
    rate: z.object({ perSecond: z.number(), sinceMs: z.number().nullable(), atMs: z.number().nullable() }),
    current: excursionSchema,
  }),
  recent: countsSchema,
  lastEventMs: z.number().nullable(),
  owed: z.number(),
  definitionKey: z.string(),
}) satisfies z.ZodType<SloRuntime>;

const watermarkSchema = z.object({
  seen: z.record(z.string(), z.number()),
  counters: z.record(
    z.string(),
    z.object({
      watchedSinceMs: z.number(),
      byFingerprint: z.record(
        z.string(),
        z.object({ value: z.number(), timestampMs: z.number(), startMs: z.number() }),
      ),
    }),
  ),
});

export const watermarkId = 'main';

/** What evaluation remembered at its last commit: a restart goes on from there as if nothing had happened. */
export async function loadRoom(prisma: PrismaClient): Promise<Room> {
  const [watermark, states, faults] = await Promise.all([
    prisma.watermark.findUnique({ where: { id: watermarkId } }),
    prisma.sloState.findMany(),
    prisma.fault.findMany({ where: { state: { not: 'resolved' } }, orderBy: { number: 'asc' } }),
  ]);
  const alerts = await prisma.alert.findMany({
    where: { OR: [{ state: { in: ['pending', 'firing'] } }, { faultId: { in: faults.map(({ id }) => id) } }] },
    include: { slo: { select: { service: true } } },
  });
  if (watermark === null) return emptyRoom;
  return {
    ...watermarkSchema.parse(watermark),
    watermarkMs: watermark.arrivedAt.getTime(),
    slos: Object.fromEntries(
      states.flatMap(({ sloId, detector }) => {
        // A state that an older release wrote in another shape is worth nothing: its detector begins anew.
        const parsed = runtimeSchema.safeParse(detector);
        return parsed.success ? [[sloId, parsed.data]] : [];
      }),
    ),
    alerts: alerts.map(toAlert),
    faults: faults.map(toFault),
  };
}

type AlertRow = Awaited<ReturnType<PrismaClient['alert']['findMany']>>[number] & { slo: { service: string } };
type FaultRow = Awaited<ReturnType<PrismaClient['fault']['findMany']>>[number];

function toAlert(row: AlertRow): AlertRecord {
  return {
    id: row.id,
    sloId: row.sloId,
    service: row.slo.service,
    faultId: row.faultId,
    state: row.state as AlertState,
    explanation: row.explanation,
    onsetMs: row.onsetAt.getTime(),
    // Both are read again from the detector's excursion before they are needed.
    firstBadStoredMs: row.pendingAt.getTime(),
    firstEvaluatedMs: row.pendingAt.getTime(),
    pendingMs: row.pendingAt.getTime(),
    firingMs: row.firingAt?.getTime() ?? null,
    resolvedMs: row.resolvedAt?.getTime() ?? null,
    good: row.good,
    bad: row.bad,
  };
}

function toFault(row: FaultRow): FaultRecord {
  return {
    id: row.id,
    state: row.state as FaultState,
    service: row.service,
    sloId: row.sloId,
    summary: row.summary,
    impact: row.impact as Impact,
    evidence: row.evidence as Evidence,
    onsetMs: row.onsetAt.getTime(),
    firstBadMs: (row.firstBadAt ?? row.onsetAt).getTime(),
    storedMs: (row.storedAt ?? row.onsetAt).getTime(),
    evaluatedMs: (row.evaluatedAt ?? row.onsetAt).getTime(),
    pendingMs: (row.pendingAt ?? row.firingAt).getTime(),
    firingMs: row.firingAt.getTime(),
    acknowledgedMs: row.acknowledgedAt?.getTime() ?? null,
    acknowledgedBy: row.acknowledgedBy,
    resolvedMs: row.resolvedAt?.getTime() ?? null,
    resolvedBy: row.resolvedBy,
    resolveReason: row.resolveReason,
  };
}
