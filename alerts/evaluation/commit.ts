import type { PrismaClient } from '#prisma/client';
import type { AlertRecord, Transition } from '../incidents/alert.ts';
import type { FaultRecord } from '../incidents/fault.ts';
import type { QueuedNotification } from '../notify/payload.ts';
import { watermarkId } from './load.ts';
import { sumRecent } from './recent.ts';
import { openAlert, type Room, statusOf } from './room.ts';

type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** What one tick or command changed. */
export type Changes = {
  before: Room;
  after: Room;
  /** every alert and fault that may have changed, the ended ones included */
  alerts: AlertRecord[];
  faults: FaultRecord[];
  transitions: Transition[];
  notifications: QueuedNotification[];
  /** commands that were answered by this: id → error or null */
  handled: { id: string; error: string | null }[];
};

/**
 * Writes watermark, detector states, transitions, faults and the messages to send in one transaction: either all of it
 * happened or none. Sending comes after, and a crash in between only delays it.
 */
export async function commitChanges(prisma: PrismaClient, changes: Changes, nowMs: number): Promise<void> {
  await prisma.$transaction(
    async (transaction) => {
      await writeWatermark(transaction, changes);
      await writeStates(transaction, changes, nowMs);
      await writeFaults(transaction, changes);
      await writeAlerts(transaction, changes);
      await transaction.transition.createMany({
        data: changes.transitions.map(({ atMs, ...transition }) => ({ ...transition, at: new Date(atMs) })),
      });
      const now = new Date(nowMs);
      await transaction.notification.createMany({
        data: changes.notifications.map((message) => ({ ...message, createdAt: now, nextAttemptAt: now })),
      });
      for (const { id, error } of changes.handled) {
        await transaction.alertCommand.update({ where: { id }, data: { handledAt: new Date(nowMs), error } });
      }
    },
    { timeout: 10_000, maxWait: 5_000 },
  );
}

/**
 * Moves the watermark from where this process read it. If it is not there any more, another process evaluates: whoever
 * comes second gives up, and nothing is counted twice even when a lease was lost without notice.
 */
async function writeWatermark(transaction: Transaction, { before, after }: Changes): Promise<void> {
  if (after.watermarkMs === null) return;
  const data = { arrivedAt: new Date(after.watermarkMs), seen: after.seen, counters: after.counters };
  if (before.watermarkMs === null) {
    await transaction.watermark.create({ data: { id: watermarkId, ...data } });
    return;
  }
  const where = { id: watermarkId, arrivedAt: new Date(before.watermarkMs) };
  const { count } = await transaction.watermark.updateMany({ where, data });
  if (count !== 1) throw new Error('another alerts process has moved the watermark');
}

/** One statement for all detectors that moved. */
async function writeStates(transaction: Transaction, { before, after }: Changes, nowMs: number): Promise<void> {
  const rows = Object.entries(after.slos).flatMap(([sloId, runtime]) => {
    const status = statusOf(runtime, openAlert(after, sloId), nowMs);
    const earlier = before.slos[sloId];
    const unchanged =
      earlier === runtime && statusOf(runtime, openAlert(before, sloId), before.watermarkMs ?? 0) === status;
    if (unchanged) return [];
    const { good, bad } = sumRecent(runtime.recent, nowMs);
    const lastEventAt = runtime.lastEventMs === null ? null : new Date(runtime.lastEventMs).toISOString();
    return [{ sloId, status, detector: runtime, good, bad, lastEventAt }];
  });
  if (rows.length === 0) return;
  await transaction.$executeRaw`
    INSERT INTO alerts."SloState" ("sloId", status, detector, good, bad, "lastEventAt", "updatedAt")
    SELECT "sloId", status, detector, good, bad, "lastEventAt", ${new Date(nowMs)}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS row("sloId" text, status text, detector jsonb, good float8,
      bad float8, "lastEventAt" timestamptz)
    WHERE EXISTS (SELECT FROM alerts."Slo" WHERE id = "sloId")
    ON CONFLICT ("sloId") DO UPDATE SET status = excluded.status, detector = excluded.detector, good = excluded.good,
      bad = excluded.bad, "lastEventAt" = excluded."lastEventAt", "updatedAt" = excluded."updatedAt"`;
}

async function writeFaults(transaction: Transaction, { before, faults }: Changes): Promise<void> {
  const known = new Map(before.faults.map((fault) => [fault.id, fault]));
  for (const fault of faults.filter((candidate) => known.get(candidate.id) !== candidate)) {
    const data = faultColumns(fault);
    await transaction.fault.upsert({ where: { id: fault.id }, create: { id: fault.id, ...data }, update: data });
    // Delivered at commit, so a listener that reads now sees what happened.
    await transaction.$executeRaw`SELECT pg_notify('faults', ${fault.id})`;
  }
}

async function writeAlerts(transaction: Transaction, { before, alerts }: Changes): Promise<void> {
  const known = new Map(before.alerts.map((alert) => [alert.id, alert]));
  for (const alert of alerts.filter((candidate) => known.get(candidate.id) !== candidate)) {
    const data = alertColumns(alert);
    await transaction.alert.upsert({ where: { id: alert.id }, create: { id: alert.id, ...data }, update: data });
  }
}

function toDate(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(milliseconds);
}

function alertColumns(alert: AlertRecord) {
  return {
    sloId: alert.sloId,
    faultId: alert.faultId,
    state: alert.state,
    explanation: alert.explanation,
    onsetAt: new Date(alert.onsetMs),
    pendingAt: new Date(alert.pendingMs),
    firingAt: toDate(alert.firingMs),
    resolvedAt: toDate(alert.resolvedMs),
    good: alert.good,
    bad: alert.bad,
  };
}

function faultColumns(fault: FaultRecord) {
  return {
    state: fault.state,
    service: fault.service,
    sloId: fault.sloId,
    summary: fault.summary,
    impact: fault.impact,
    evidence: fault.evidence,
    onsetAt: new Date(fault.onsetMs),
    firstBadAt: new Date(fault.firstBadMs),
    storedAt: new Date(fault.storedMs),
    evaluatedAt: new Date(fault.evaluatedMs),
    pendingAt: new Date(fault.pendingMs),
    firingAt: new Date(fault.firingMs),
    acknowledgedAt: toDate(fault.acknowledgedMs),
    acknowledgedBy: fault.acknowledgedBy,
    resolvedAt: toDate(fault.resolvedMs),
    resolvedBy: fault.resolvedBy,
    resolveReason: fault.resolveReason,
  };
}
