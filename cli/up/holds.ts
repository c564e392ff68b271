import { hold, type ManagedProcess, release, type Surroundings } from './managed-process.ts';

/** A process fault in force. Times in Unix ms. */
export type Hold = { id: string; kind: 'crash' | 'kill'; target: string; sinceMs: number; untilMs: number };

export type HoldOutcome = { ok: true; hold: Hold } | { ok: false; status: 404 | 409; reason: string };

export type Holds = {
  /** `crash` kills a process once and lets it come back; `kill` keeps it down until the time to live is over. */
  apply: (request: { id: string; kind: 'crash' | 'kill'; target: string; ttlSeconds: number }) => HoldOutcome;
  /** Undoes a fault; false when none has this id (any more). */
  undo: (id: string) => boolean;
  list: () => Hold[];
};

/** The faults of the supervisor. Each is undone at its time to live, whether or not anyone asks. */
export function createHolds(processes: ReadonlyMap<string, ManagedProcess>, around: Surroundings): Holds {
  const active = new Map<string, { hold: Hold; timer: NodeJS.Timeout }>();

  function undo(id: string): boolean {
    const entry = active.get(id);
    if (entry === undefined) return false;
    clearTimeout(entry.timer);
    active.delete(id);
    const managed = processes.get(entry.hold.target);
    if (entry.hold.kind === 'kill' && managed !== undefined) release(managed, around);
    return true;
  }

  return {
    apply: ({ id, kind, target, ttlSeconds }) => {
      const known = active.get(id);
      if (known !== undefined) return { ok: true, hold: known.hold };
      const managed = processes.get(target);
      if (managed === undefined || managed.spec.readiness.kind === 'exit') {
        return { ok: false, status: 404, reason: `no process "${target}"` };
      }
      if (['held', 'waiting', 'stopping', 'stopped'].includes(managed.state)) {
        return { ok: false, status: 409, reason: `${target} is ${managed.state}` };
      }
      const sinceMs = around.nowMs();
      const entry: Hold = { id, kind, target, sinceMs, untilMs: sinceMs + ttlSeconds * 1_000 };
      active.set(id, { hold: entry, timer: setTimeout(() => undo(id), ttlSeconds * 1_000).unref() });
      if (kind === 'kill') hold(managed, around);
      else managed.running?.kill();
      return { ok: true, hold: entry };
    },
    undo,
    list: () => [...active.values()].map((entry) => entry.hold),
  };
}
