import { z } from 'zod';

/** Longest time that any injected fault may live. */
const maxTtlSeconds = 900;

const shared = {
  id: z.uuid(),
  /** Share of requests that it touches, 0 < share ≤ 1. */
  share: z.number().gt(0).max(1).default(1),
  /** Mandatory: the fault is gone after this time whatever happens. */
  ttlSeconds: z.number().positive().max(maxTtlSeconds),
  /** The fault is gone when nobody renews it for this long. */
  leaseSeconds: z.number().positive().max(60),
};

/** A fault as the controller asks for it; durations of delays in milliseconds. */
export const agentFaultSchema = z.discriminatedUnion('kind', [
  z.object({ ...shared, kind: z.literal('error'), status: z.number().int().min(400).max(599).default(500) }),
  z.object({
    ...shared,
    kind: z.literal('latency'),
    latencyMs: z.number().positive().max(60_000),
    jitterMs: z.number().min(0).max(60_000).default(0),
  }),
  z.object({ ...shared, kind: z.literal('hang') }),
  z.object({ ...shared, kind: z.literal('crash') }),
]);

export type AgentFault = z.infer<typeof agentFaultSchema>;

/** What becomes of one request. A delay comes first, then a hang, then an error. */
export type RequestEffect = { delayMs: number; hang: boolean; errorStatus: number | null };

export type FaultTable = {
  /** Adds a fault, or replaces the one of the same id. */
  put: (fault: AgentFault) => void;
  /** @returns false when the fault is not (or no longer) there */
  renew: (id: string) => boolean;
  /** @returns false when the fault is not (or no longer) there */
  remove: (id: string) => boolean;
  clear: () => void;
  /** Removes what is past its time to live or its lease and returns whether anything was. */
  expire: () => boolean;
  list: () => (AgentFault & { expiresInMs: number })[];
  /** Decides one request's fate; null when nothing touches it. */
  decide: () => RequestEffect | null;
};

type Entry = { fault: AgentFault; ttlAt: number; leaseAt: number };

const noEffect: RequestEffect = { delayMs: 0, hang: false, errorStatus: null };

/**
 * The faults in force in one process. A fault ends at its time to live or when its lease was not renewed, whichever
 * comes first, without anybody's help.
 * @param clock monotonic milliseconds
 * @param random uniform in [0, 1)
 */
export function createFaultTable({ clock, random }: { clock: () => number; random: () => number }): FaultTable {
  const entries = new Map<string, Entry>();
  const endOf = (entry: Entry): number => Math.min(entry.ttlAt, entry.leaseAt);
  const expire = (): boolean => {
    const now = clock();
    const gone = [...entries.values()].filter((entry) => now >= endOf(entry));
    for (const { fault } of gone) entries.delete(fault.id);
    return gone.length > 0;
  };
  return {
    put: (fault) => {
      const now = clock();
      entries.set(fault.id, { fault, ttlAt: now + fault.ttlSeconds * 1000, leaseAt: now + fault.leaseSeconds * 1000 });
    },
    renew: (id) => {
      expire();
      const entry = entries.get(id);
      if (entry !== undefined) entry.leaseAt = clock() + entry.fault.leaseSeconds * 1000;
      return entry !== undefined;
    },
    remove: (id) => {
      expire();
      return entries.delete(id);
    },
    clear: () => entries.clear(),
    expire,
    list: () => {
      expire();
      return [...entries.values()].map((entry) => ({ ...entry.fault, expiresInMs: endOf(entry) - clock() }));
    },
    decide: () => {
      if (entries.size === 0) return null;
      expire();
      const hits = [...entries.values()].map((entry) => entry.fault).filter((fault) => random() < fault.share);
      return hits.length === 0 ? null : hits.reduce((effect, fault) => apply(effect, fault, random), noEffect);
    },
  };
}

function apply(effect: RequestEffect, fault: AgentFault, random: () => number): RequestEffect {
  switch (fault.kind) {
    case 'error':
      return { ...effect, errorStatus: fault.status };
    case 'latency':
      return { ...effect, delayMs: effect.delayMs + sampleDelayMs(fault, random) };
    case 'hang':
      return { ...effect, hang: true };
    case 'crash':
      return effect;
  }
}

/** Normal distribution (Box and Muller, 1958) with mean `latencyMs` and deviation `jitterMs`, cut at zero. */
function sampleDelayMs({ latencyMs, jitterMs }: { latencyMs: number; jitterMs: number }, random: () => number): number {
  if (jitterMs === 0) return latencyMs;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(0, latencyMs + jitterMs * normal);
}
