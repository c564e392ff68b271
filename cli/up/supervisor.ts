import { createHolds, type Holds } from './holds.ts';
import {
  begin,
  createManagedProcess,
  end,
  isReady,
  type ManagedProcess,
  type ProcessState,
  type Surroundings,
} from './managed-process.ts';
import { checkOrder, findDependants, findStartable } from './order.ts';
import { type RestartOutcome, restart } from './restart.ts';
import type { ProcessSpec } from './spec.ts';

export type ProcessView = {
  name: string;
  address: string;
  state: ProcessState;
  secondsToReady: number | null;
  pid: number | null;
  restarts: number;
  /** A successor can run beside it: it can be restarted without a request lost. */
  replaceable: boolean;
};

export type Supervisor = {
  /** Starts everything, each as soon as what it depends on is ready. Resolves when all are ready for the first time. */
  start: () => Promise<void>;
  /** Ends everything, dependants first, within the limit; repeating it kills at once. */
  stop: () => Promise<void>;
  view: () => ProcessView[];
  /**
   * Replaces a process without a request lost, where a successor can run beside it; where it cannot, only with
   * `downtime`. Resolves when the old one is gone.
   */
  restart: (name: string, options: { downtime: boolean }) => Promise<RestartOutcome>;
  /** Faults that a drill asks for: kill, or kill and hold down. */
  holds: Holds;
};

/** No process gets longer than this to stop once it is told to. */
const graceMs = 4_000;
/**
 * The promise is ten seconds for all. When a chain of slow stops threatens it, nobody waits for dependants any more:
 * first the processes in the middle are told to stop, then the stores that everything rests on, and in the end
 * whatever is left is killed.
 */
const limitsMs = { middle: 3_000, stores: 6_000, all: 9_000 };

/** Runs the processes of a plan. */
export function createSupervisor(
  specs: readonly ProcessSpec[],
  options: Omit<Surroundings, 'onChange'> & {
    /** The pids of all that runs, after every change: what a later start must clean up if this one is killed. */
    onPids: (pids: Record<string, number>) => void;
  },
): Supervisor {
  checkOrder(specs);
  const processes = new Map(specs.map((spec) => [spec.name, createManagedProcess(spec)]));
  let isStopping = false;
  const becameReady = Promise.withResolvers<void>();
  const around: Surroundings = {
    ...options,
    onChange: () => {
      options.onPids(
        Object.fromEntries(
          [...processes].flatMap(([name, { instances }]) => [...instances].map(({ pid }, n) => [`${name} ${n}`, pid])),
        ),
      );
      if (!isStopping) startNext();
    },
  };

  function startNext(): void {
    const all = [...processes.values()];
    if (all.every(isReady)) becameReady.resolve();
    const ready = new Set(all.filter((one) => one.wasReady).map((one) => one.spec.name));
    for (const name of findStartable(specs, ready)) {
      const managed = processes.get(name);
      if (managed?.state === 'waiting') begin(managed, around);
    }
  }

  return {
    start: () => {
      startNext();
      return becameReady.promise;
    },
    stop: () => {
      if (isStopping) killAll(processes);
      isStopping = true;
      return stopAll(specs, processes);
    },
    restart: async (name, options) => {
      const managed = processes.get(name);
      if (managed === undefined || managed.spec.readiness.kind === 'exit') {
        return { ok: false, status: 404, reason: `no process "${name}"` };
      }
      if (isStopping || managed.state !== 'ready' || managed.instances.size > 1) {
        const state = managed.instances.size > 1 ? 'being restarted already' : managed.state;
        return { ok: false, status: 409, reason: `${name} is ${state}` };
      }
      return restart(managed, around, options);
    },
    view: () => [...processes.values()].map(toView),
    holds: createHolds(processes, around),
  };
}

function killAll(processes: ReadonlyMap<string, ManagedProcess>): void {
  for (const { instances } of processes.values()) for (const instance of instances) instance.kill();
}

async function stopAll(specs: readonly ProcessSpec[], processes: ReadonlyMap<string, ManagedProcess>): Promise<void> {
  const middle = after(limitsMs.middle);
  const stores = after(limitsMs.stores);
  const all = after(limitsMs.all);
  void all.reached.then(() => killAll(processes));
  const stops = new Map<string, Promise<void>>();
  const stopOne = (name: string): Promise<void> => {
    const known = stops.get(name);
    if (known !== undefined) return known;
    const managed = processes.get(name);
    const isStore = managed !== undefined && managed.spec.dependsOn.length === 0;
    const dependants = Promise.all(findDependants(specs, name).map(stopOne));
    const stop = Promise.race([dependants, (isStore ? stores : middle).reached]).then(() =>
      managed === undefined ? undefined : end(managed, graceMs),
    );
    stops.set(name, stop);
    return stop;
  };
  await Promise.all(specs.map(({ name }) => stopOne(name)));
  for (const limit of [middle, stores, all]) limit.cancel();
}

function after(ms: number): { reached: Promise<void>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { reached: promise, cancel: () => clearTimeout(timer) };
}

function toView({ spec, state, secondsToReady, pid, restarts, sockets }: ManagedProcess): ProcessView {
  const { name, address } = spec;
  return { name, address, state, secondsToReady, pid, restarts, replaceable: sockets !== null };
}
