import { type FaultRow, toFaultRow } from '#app/_server/faults.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import { readThresholdMs } from '#app/_server/slo-row.ts';
import type { Sources } from '#app/_server/sources.ts';
import { type Evidence, evidenceSchema, type Impact, impactSchema } from './_evidence.ts';

export type AlertRow = {
  id: string;
  sloId: string;
  sloName: string;
  service: string;
  objective: number;
  thresholdMs: number | null;
  state: string;
  explanation: string;
  onsetAtMs: number;
  firingAtMs: number | null;
  resolvedAtMs: number | null;
  good: number;
  bad: number;
};

export type NotificationRow = {
  receiver: string;
  status: string;
  state: string;
  attempts: number;
  sentAtMs: number | null;
  acceptedAtMs: number | null;
  lastError: string | null;
};

export type CommandRow = { id: string; kind: string; author: string; error: string | null; handled: boolean };

/** One stage of the ledger. */
export type Stage = { key: string; label: string; atMs: number | null; estimated: boolean };

export type FaultDetail = {
  fault: FaultRow;
  impact: Impact | null;
  evidence: Evidence | null;
  stages: Stage[];
  alerts: AlertRow[];
  notifications: NotificationRow[];
  commands: CommandRow[];
};

export type FaultData = { atMs: number; detail: Loaded<FaultDetail | null> };

type StoredFault = Parameters<typeof toFaultRow>[0];

function toStages(fault: StoredFault): Stage[] {
  const stages: [string, string, Date | null][] = [
    ['onset', 'Fault began', fault.onsetAt],
    ['firstBad', 'First bad event', fault.firstBadAt],
    ['stored', 'Stored', fault.storedAt],
    ['evaluated', 'Evaluated', fault.evaluatedAt],
    ['pending', 'Under suspicion', fault.pendingAt],
    ['firing', 'Certain: firing', fault.firingAt],
    ['sent', 'Page sent', fault.sentAt],
    ['accepted', 'Page accepted', fault.acceptedAt],
    ['acknowledged', 'Acknowledged', fault.acknowledgedAt],
    ['resolved', 'Resolved', fault.resolvedAt],
  ];
  return stages.map(([key, label, at]) => ({ key, label, atMs: at?.getTime() ?? null, estimated: key === 'onset' }));
}

async function readDetail({ prisma }: Sources, id: string): Promise<FaultDetail | null> {
  const fault = await prisma.fault.findUnique({
    where: { id },
    include: {
      alerts: { orderBy: { pendingAt: 'asc' }, include: { slo: true } },
      notifications: { orderBy: { createdAt: 'asc' } },
      commands: { orderBy: { createdAt: 'desc' }, take: 10 },
    },
  });
  if (fault === null) return null;
  return {
    fault: toFaultRow(fault),
    impact: impactSchema.safeParse(fault.impact).data ?? null,
    evidence: evidenceSchema.safeParse(fault.evidence).data ?? null,
    stages: toStages(fault),
    alerts: fault.alerts.map(({ slo, ...alert }) => ({
      id: alert.id,
      sloId: alert.sloId,
      sloName: slo.displayName,
      service: slo.service,
      objective: slo.objective,
      thresholdMs: readThresholdMs(slo.definition),
      state: alert.state,
      explanation: alert.explanation,
      onsetAtMs: alert.onsetAt.getTime(),
      firingAtMs: alert.firingAt?.getTime() ?? null,
      resolvedAtMs: alert.resolvedAt?.getTime() ?? null,
      good: alert.good,
      bad: alert.bad,
    })),
    notifications: fault.notifications.map((notification) => ({
      receiver: notification.receiver,
      status: notification.status,
      state: notification.state,
      attempts: notification.attempts,
      sentAtMs: notification.sentAt?.getTime() ?? null,
      acceptedAtMs: notification.acceptedAt?.getTime() ?? null,
      lastError: notification.lastError,
    })),
    commands: fault.commands.map(({ id: commandId, kind, author, error, handledAt }) => ({
      id: commandId,
      kind,
      author,
      error,
      handled: handledAt !== null,
    })),
  };
}

/** A fault with its alerts, ledger, notifications and the commands given; `value` is null when there is no such fault. */
export async function readFault(sources: Sources, id: string): Promise<FaultData> {
  return { atMs: sources.clock(), detail: await attempt(readDetail(sources, id)) };
}
