import type { AlertRecord } from '../incidents/alert.ts';
import type { FaultRecord } from '../incidents/fault.ts';
import type { SloDefinition } from '../slo/definition.ts';

export type NotificationStatus = 'firing' | 'resolved';

/** A page, in the format of Alertmanager's webhook, version 4. */
export type WebhookPayload = {
  version: '4';
  groupKey: string;
  truncatedAlerts: number;
  status: NotificationStatus;
  receiver: string;
  groupLabels: Record<string, string>;
  commonLabels: Record<string, string>;
  commonAnnotations: Record<string, string>;
  externalURL: string;
  alerts: {
    status: NotificationStatus;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    startsAt: string;
    endsAt: string;
    generatorURL: string;
    fingerprint: string;
  }[];
};

export type QueuedNotification = {
  faultId: string;
  receiver: string;
  status: NotificationStatus;
  idempotencyKey: string;
  payload: WebhookPayload;
  state: 'queued';
};

/** What Alertmanager sends for "has not ended". */
const notEnded = '0001-01-01T00:00:00Z';

/**
 * The messages about a fault, one per receiver. The key is the same whenever the same news is told, so that a receiver
 * that heard it already can tell.
 */
export function queueNotifications({
  fault,
  alerts,
  slos,
  receivers,
  consoleUrl,
  status,
}: {
  fault: FaultRecord;
  alerts: AlertRecord[];
  slos: Map<string, SloDefinition>;
  receivers: string[];
  consoleUrl: string;
  status: NotificationStatus;
}): QueuedNotification[] {
  return receivers.map((receiver) => ({
    faultId: fault.id,
    receiver,
    status,
    idempotencyKey: `fault/${fault.id}/${status}/${receiver}`,
    payload: buildPayload({ fault, alerts, slos, receiver, consoleUrl, status }),
    state: 'queued',
  }));
}

function buildPayload({
  fault,
  alerts,
  slos,
  receiver,
  consoleUrl,
  status,
}: {
  fault: FaultRecord;
  alerts: AlertRecord[];
  slos: Map<string, SloDefinition>;
  receiver: string;
  consoleUrl: string;
  status: NotificationStatus;
}): WebhookPayload {
  const faultUrl = `${consoleUrl}/faults/${fault.id}`;
  const serviceUrl = `${consoleUrl}/services/${encodeURIComponent(fault.service)}`;
  const annotations = {
    summary: status === 'firing' ? fault.summary : `Resolved: ${fault.summary}`,
    description: explainFault(fault, alerts),
    runbook_url: `${serviceUrl}#runbook`,
    fault_url: faultUrl,
    traces_url: `${serviceUrl}#traces`,
    onset: new Date(fault.onsetMs).toISOString(),
  };
  const labels = { service: fault.service, slo: fault.sloId, severity: 'page' };
  return {
    version: '4',
    groupKey: `fault/${fault.id}`,
    truncatedAlerts: 0,
    status,
    receiver,
    groupLabels: { fault: fault.id },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: consoleUrl,
    alerts: alerts.map((alert) => ({
      status: alert.resolvedMs === null ? 'firing' : 'resolved',
      labels: {
        alertname: slos.get(alert.sloId)?.displayName ?? alert.sloId,
        service: alert.service,
        slo: alert.sloId,
        severity: 'page',
      },
      annotations: { summary: alert.explanation },
      startsAt: new Date(alert.firingMs ?? alert.pendingMs).toISOString(),
      endsAt: alert.resolvedMs === null ? notEnded : new Date(alert.resolvedMs).toISOString(),
      generatorURL: faultUrl,
      fingerprint: alert.id,
    })),
  };
}

function explainFault({ evidence, resolveReason }: FaultRecord, alerts: AlertRecord[]): string {
  const lines = alerts.map(({ sloId, explanation }) => `${sloId}: ${explanation}`);
  const why =
    evidence.votes > 0
      ? [`${evidence.votes} of ${evidence.traces} traces lead to the likely cause (${evidence.chain.join(' → ')})`]
      : [];
  const end = resolveReason === null ? [] : [`resolved: ${resolveReason}`];
  return [...lines, ...why, ...end].join('\n');
}
