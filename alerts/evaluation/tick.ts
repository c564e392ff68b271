import { acknowledgeFault, type FaultRecord, resolveFault } from '../incidents/fault.ts';
import { type NotificationStatus, type QueuedNotification, queueNotifications } from '../notify/payload.ts';
import type { Changes } from './commit.ts';
import {
  endFaults,
  gatherAlerts,
  investigate,
  isTelling,
  removeFaults,
  uninvestigated,
  type Verdict,
} from './gather.ts';
import { type Reading, takeObservations } from './observe.ts';
import type { TelemetryQueries } from './queries.ts';
import type { Objective, Room } from './room.ts';
import { type Moment, resolveAlerts, stepObjectives, withdrawObjectives } from './step.ts';

/** Who is told, and where the links in a page lead. */
export type Addressees = { receivers: string[]; consoleUrl: string };

export type Command = { id: string; kind: string; faultId: string; author: string; reason: string | null };

type Setting = { objectives: Objective[]; addressees: Addressees; moment: Moment };

/**
 * One tick: what was read becomes observations, alerts, faults and messages to send. Nothing is written or sent here;
 * the caller commits the changes and adopts `after`, or drops them and does it again.
 */
export async function evaluateTick({
  room,
  reading,
  queries,
  setting,
  onEvidenceMissing,
}: {
  room: Room;
  reading: Reading;
  queries: TelemetryQueries;
  setting: Setting;
  onEvidenceMissing: (error: unknown) => void;
}): Promise<Changes> {
  const { objectives, moment } = setting;
  const withdrawn = withdrawObjectives(room, objectives, moment.nowMs);
  const observed = takeObservations(withdrawn.room, objectives, reading, moment.nowMs);
  const stepped = stepObjectives(observed.room, objectives, observed.observations, moment);
  const bySlo = new Map(objectives.map((objective) => [objective.slo.id, objective]));
  const verdicts: Verdict[] = [];
  for (const alert of stepped.room.alerts.filter(({ firingMs, faultId }) => firingMs !== null && faultId === null)) {
    const objective = bySlo.get(alert.sloId);
    if (objective === undefined) continue;
    const verdict = await investigate(queries, objective, alert, moment.nowMs).catch((error: unknown) => {
      onEvidenceMissing(error);
      return uninvestigated(objective, alert);
    });
    if (isTelling(verdict, objective, alert, moment.nowMs)) verdicts.push(verdict);
  }
  const gathered = gatherAlerts(stepped.room, bySlo, verdicts, moment);
  const { room: after, ended } = endFaults(gathered.room, moment.nowMs);
  const tell = (faults: FaultRecord[], status: NotificationStatus): QueuedNotification[] =>
    faults.flatMap((fault) => announce(gathered.room, fault, status, setting));
  return {
    before: room,
    after,
    alerts: gathered.room.alerts,
    faults: [...after.faults, ...ended],
    transitions: [...withdrawn.transitions, ...stepped.transitions],
    notifications: [...tell(gathered.opened, 'firing'), ...tell(ended, 'resolved')],
    handled: [],
  };
}

/** What a person decided, as changes of the same kind as a tick's. */
export function applyCommand(room: Room, command: Command, setting: Setting): Changes {
  const { objectives, moment } = setting;
  const { nowMs } = moment;
  const fault = room.faults.find(({ id }) => id === command.faultId);
  if (fault === undefined) return answer(room, command, 'the fault is already resolved');
  if (command.kind === 'acknowledge') {
    const outcome = acknowledgeFault(fault, command.author, nowMs);
    if (!outcome.ok) return answer(room, command, outcome.reason);
    const faults = room.faults.map((other) => (other === fault ? outcome.fault : other));
    return { ...answer(room, command, null), after: { ...room, faults }, faults: [outcome.fault] };
  }
  if (command.kind !== 'resolve') return answer(room, command, `unknown command ${command.kind}`);
  const reason = command.reason?.trim() ?? '';
  if (reason === '') return answer(room, command, 'a reason is needed to resolve a fault');
  const detectors = new Map(objectives.map(({ slo, detector }) => [slo.id, detector]));
  const resolved = resolveFault(fault, { author: command.author, reason, nowMs });
  const stepped = resolveAlerts(room, detectors, { faultId: fault.id, reason: `${command.author}: ${reason}`, nowMs });
  return {
    ...answer(room, command, null),
    after: removeFaults(stepped.room, [resolved]),
    alerts: stepped.room.alerts,
    faults: [resolved],
    transitions: stepped.transitions,
    notifications: announce(stepped.room, resolved, 'resolved', setting),
  };
}

function answer(room: Room, { id }: Command, error: string | null): Changes {
  return {
    before: room,
    after: room,
    alerts: [],
    faults: [],
    transitions: [],
    notifications: [],
    handled: [{ id, error }],
  };
}

function announce(
  room: Room,
  fault: FaultRecord,
  status: NotificationStatus,
  { objectives, addressees }: Setting,
): QueuedNotification[] {
  const alerts = room.alerts.filter(({ faultId }) => faultId === fault.id);
  const slos = new Map(objectives.map(({ slo }) => [slo.id, slo]));
  return queueNotifications({ fault, alerts, slos, status, ...addressees });
}
