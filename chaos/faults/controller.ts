import { randomUUID } from 'node:crypto';
import type { Logger } from '#process/logger';
import { type FaultParams, maxTtlSeconds } from '../contract.ts';
import type { ChaosMetrics } from '../metrics.ts';
import type { Actuator, Injectable } from './actuator.ts';
import { adjustParams, findFault } from './catalogue.ts';
import type { Ending, InjectionStore } from './store.ts';

export const leaseSeconds = 8;
const renewEveryMs = 2_000;
/** Longer than clocks and sweeps of agent and supervisor may differ by. */
const marginMs = 1_000;

export type StartRequest = {
  /** The injection's id; the same id twice is one injection. */
  id?: string;
  name: string;
  ttlSeconds: number;
  params?: FaultParams;
  author: string;
  drillId?: string;
};

export type Controller = {
  /**
   * Writes the intent, then injects.
   * @throws Error when the name or a parameter is unknown, the global stop is pulled, or the target refuses
   */
  start: (request: StartRequest) => Promise<{ id: string; injectedAt: Date }>;
  /** Undoes one fault and waits until it is surely gone; null when it is not in force. */
  stop: (id: string, reason: string) => Promise<Date | null>;
  stopAll: (reason: string) => Promise<void>;
  /** Renews leases and ends what is past its time; to be called a few times a second. */
  tick: () => Promise<void>;
  /** Undoes what a controller that died has left behind. */
  sweep: () => Promise<void>;
  active: () => number;
};

type Live = Injectable & {
  name: string;
  expiresAt: number;
  /** Since then nobody may have renewed it. */
  leasedAt: number;
  busy: Promise<unknown>;
  renewing: boolean;
  ending: Promise<Date> | null;
};

type Dependencies = {
  store: InjectionStore;
  actuator: Actuator;
  metrics: ChaosMetrics;
  logger: Logger;
  /** Milliseconds since the epoch. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
};

/** Keeps every injected fault on a short leash: leased, expired, undone, and recorded at each step. */
export function createController(dependencies: Dependencies): Controller {
  const { store, logger, now } = dependencies;
  const live = new Map<string, Live>();
  const end = (fault: Live, ending: Omit<Ending, 'undoneAt'>): Promise<Date> => {
    fault.ending ??= endFault(fault, ending, dependencies).finally(() => live.delete(fault.id));
    return fault.ending;
  };
  const stopAll = async (reason: string): Promise<void> => {
    await Promise.all([...live.values()].map((fault) => end(fault, { state: 'ended', reason })));
  };
  return {
    start: (request) => startFault(request, { dependencies, live, end }),
    stop: async (id, reason) => {
      const fault = live.get(id);
      return fault === undefined ? null : end(fault, { state: 'ended', reason });
    },
    stopAll,
    tick: async () => {
      for (const fault of live.values()) {
        if (now() >= fault.expiresAt) void end(fault, { state: 'ended', reason: 'expired' });
        else if (isRenewalDue(fault, now())) void renew(fault, dependencies);
      }
    },
    sweep: async () => {
      const open = (await store.listOpen()).filter(({ id }) => !live.has(id));
      if (open.length > 0) logger.warn({ injections: open.length }, 'undoing faults left by an earlier controller');
      await Promise.all(
        open.map(({ expiresAt, ...fault }) => {
          const left = track({ ...fault, name: fault.id, expiresAt: expiresAt.getTime() }, now());
          return endFault(left, { state: 'ended', reason: 'swept' }, dependencies);
        }),
      );
    },
    active: () => live.size,
  };
}

type StartContext = {
  dependencies: Dependencies;
  live: Map<string, Live>;
  end: (fault: Live, ending: Omit<Ending, 'undoneAt'>) => Promise<Date>;
};

async function startFault(
  request: StartRequest,
  { dependencies, live, end }: StartContext,
): Promise<{ id: string; injectedAt: Date }> {
  const { store, metrics, now } = dependencies;
  const fault = prepare(request, now());
  const stop = await store.readGlobalStop();
  if (stop !== null) throw new Error(`the global stop is pulled by ${stop.pulledBy}: release it first`);
  await store.recordIntent({
    id: fault.id,
    name: fault.name,
    kind: fault.kind,
    target: fault.target,
    params: fault.params,
    ttlSeconds: Math.ceil(request.ttlSeconds),
    author: request.author,
    createdAt: new Date(now()),
    expiresAt: new Date(fault.expiresAt),
    drillId: request.drillId ?? null,
  });
  live.set(fault.id, fault);
  // Taken before the request goes out, so that no detection time is ever flattered.
  const injectedAt = new Date(now());
  const injecting = inject(fault, dependencies);
  fault.busy = injecting.catch(() => undefined);
  try {
    await injecting;
    await store.recordActive(fault.id, injectedAt);
  } catch (error) {
    metrics.injections.inc({ fault: fault.name, outcome: 'failed' });
    await end(fault, { state: 'failed', reason: `failed: ${error instanceof Error ? error.message : String(error)}` });
    throw error;
  }
  metrics.injections.inc({ fault: fault.name, outcome: 'injected' });
  if (fault.kind === 'crash') await end(fault, { state: 'ended', reason: 'done' });
  return { id: fault.id, injectedAt };
}

function prepare(request: StartRequest, now: number): Live {
  const definition = findFault(request.name);
  const { name, kind, target } = definition;
  const params = adjustParams(definition, request.params ?? {});
  if (!(request.ttlSeconds > 0 && request.ttlSeconds <= maxTtlSeconds)) {
    throw new Error(`a fault's time to live is mandatory, above 0 and at most ${maxTtlSeconds} s`);
  }
  const expiresAt = now + request.ttlSeconds * 1000;
  return track({ id: request.id ?? randomUUID(), name, kind, target, params, expiresAt }, now);
}

function track(fault: Injectable & { name: string; expiresAt: number }, now: number): Live {
  return { ...fault, leasedAt: now, busy: Promise.resolve(), renewing: false, ending: null };
}

async function inject(fault: Live, { actuator, now }: Dependencies): Promise<void> {
  await actuator.inject(fault, Math.max(0.1, (fault.expiresAt - now()) / 1000)).finally(() => {
    fault.leasedAt = now();
  });
}

function isRenewalDue(fault: Live, now: number): boolean {
  return fault.ending === null && !fault.renewing && now - fault.leasedAt >= renewEveryMs;
}

async function renew(fault: Live, dependencies: Dependencies): Promise<void> {
  const { actuator, metrics, logger, now } = dependencies;
  fault.renewing = true;
  fault.busy = fault.busy
    .then(() => actuator.renew(fault))
    .then(async (outcome) => {
      // An answer that was lost may have renewed it all the same: the end of the lease counts from here.
      fault.leasedAt = now();
      metrics.renewals.inc({ outcome });
      if (outcome !== 'gone' || fault.ending !== null) return;
      // A process that was restarted has forgotten the fault, which is still meant to be in force.
      await inject(fault, dependencies);
      logger.info({ injection: fault.id }, 'injected again into a restarted process');
    })
    .catch((error: unknown) => logger.warn({ err: error, injection: fault.id }, 'lease not renewed'))
    .finally(() => {
      fault.renewing = false;
    });
  await fault.busy;
}

async function endFault(fault: Live, ending: Omit<Ending, 'undoneAt'>, dependencies: Dependencies): Promise<Date> {
  const { actuator, store, metrics, logger, now, sleep } = dependencies;
  await fault.busy;
  while (!(await actuator.undo(fault).catch(() => false))) {
    if (now() >= surelyGoneAt(fault)) break;
    logger.warn({ injection: fault.id, target: fault.target }, 'undo not confirmed, trying again');
    await sleep(500);
  }
  const undoneAt = new Date(now());
  await insist(() => store.recordEnd(fault.id, { ...ending, undoneAt }), dependencies);
  metrics.endings.inc({ reason: ending.state === 'failed' ? 'failed' : ending.reason });
  return undoneAt;
}

/** When the fault ends without anybody's help: its lease, or for what the supervisor holds down its time to live. */
function surelyGoneAt(fault: Live): number {
  const own = fault.kind === 'kill' ? fault.expiresAt : Math.min(fault.expiresAt, fault.leasedAt + leaseSeconds * 1000);
  return own + marginMs;
}

async function insist(write: () => Promise<void>, { logger, sleep }: Dependencies): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      logger.error({ err: error }, 'the end of a fault is not recorded yet, trying again');
      await sleep(1_000);
    }
  }
}
