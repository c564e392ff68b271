import { forgiveAfterMs, nextDelayMs } from './backoff.ts';
import { type Exit, launch, type RunningProcess } from './launch.ts';
import { openLogFile } from './log-file.ts';
import { probe } from './probe.ts';
import { bindSockets, closeSockets, type Socket } from './sockets.ts';
import type { ProcessSpec } from './spec.ts';

/** `unready`: it runs, was ready before, and is not now. `held`: a drill keeps it down. `done`: a job that ended well. */
export type ProcessState =
  | 'waiting'
  | 'starting'
  | 'ready'
  | 'unready'
  | 'restarting'
  | 'held'
  | 'done'
  | 'stopping'
  | 'stopped';

export type ProcessEvent =
  /** `seconds` since its launch; null when it had only stopped answering for a while. */
  | { kind: 'ready'; name: string; seconds: number | null; address: string; isFirst: boolean }
  | { kind: 'unready'; name: string }
  | { kind: 'died'; name: string; exit: Exit; restartInMs: number }
  | { kind: 'replaced'; name: string }
  | { kind: 'held'; name: string }
  | { kind: 'released'; name: string };

export type ManagedProcess = {
  spec: ProcessSpec;
  state: ProcessState;
  pid: number | null;
  /** Times that it died without being told to. */
  restarts: number;
  /** From its (latest) launch to its first ready answer. */
  secondsToReady: number | null;
  /** The instance that counts. */
  running: RunningProcess | null;
  /** All that live: while it is replaced, two. */
  instances: Set<RunningProcess>;
  /** Bound as long as an instance lives: nobody is kept waiting for one that is dead. */
  sockets: Socket[] | null;
  failures: number;
  readySinceMs: number | null;
  wasReady: boolean;
  timer: NodeJS.Timeout | null;
};

/** What a process's life needs from outside. */
export type Surroundings = {
  cwd: string;
  logsDir: string;
  env: Record<string, string | undefined>;
  random: () => number;
  nowMs: () => number;
  /** After every change of state. */
  onChange: () => void;
  onEvent: (event: ProcessEvent) => void;
};

export function createManagedProcess(spec: ProcessSpec): ManagedProcess {
  return {
    spec,
    state: 'waiting',
    pid: null,
    restarts: 0,
    secondsToReady: null,
    running: null,
    instances: new Set(),
    sockets: null,
    failures: 0,
    readySinceMs: null,
    wasReady: false,
    timer: null,
  };
}

/** Whether dependants may start. */
export function isReady({ state }: ManagedProcess): boolean {
  return state === 'ready' || state === 'done';
}

/** Launches a process and keeps it alive until it is stopped or held. */
export function begin(managed: ManagedProcess, around: Surroundings): void {
  const launchedAtMs = around.nowMs();
  adopt(managed, launchInstance(managed, around), { around, launchedAtMs, state: 'starting' });
}

/** Launches an instance of a process. It does not count yet: see {@link adopt}. */
export function launchInstance(managed: ManagedProcess, around: Surroundings): RunningProcess {
  const { spec } = managed;
  const log = openLogFile(`${around.logsDir}/${spec.name}.log`, spec.name);
  managed.sockets ??= spec.sockets === null ? null : bindSockets(spec.sockets);
  const instance = launch(spec, { cwd: around.cwd, env: around.env, log, sockets: managed.sockets ?? [] });
  managed.instances.add(instance);
  void instance.exited.then(() => {
    void log.close();
    managed.instances.delete(instance);
    if (managed.instances.size === 0) {
      closeSockets(managed.sockets ?? []);
      managed.sockets = null;
    }
    around.onChange();
  });
  return instance;
}

/** Makes an instance the one that counts: whose readiness is watched, and whose death is a death of the process. */
export function adopt(
  managed: ManagedProcess,
  instance: RunningProcess,
  { around, launchedAtMs, state }: { around: Surroundings; launchedAtMs: number; state: 'starting' | 'ready' },
): void {
  const isReadyNow = state === 'ready';
  managed.running = instance;
  managed.pid = instance.pid;
  managed.state = state;
  managed.secondsToReady = isReadyNow ? secondsSince(launchedAtMs, around) : null;
  managed.readySinceMs = isReadyNow ? around.nowMs() : null;
  around.onChange();
  void watchReadiness(managed, instance, launchedAtMs, around);
  void instance.exited.then((exit) => {
    if (managed.running !== instance) return;
    managed.running = null;
    managed.pid = null;
    settleExit(managed, exit, { around, launchedAtMs });
    around.onChange();
  });
}

function secondsSince(launchedAtMs: number, around: Surroundings): number {
  return Math.round((around.nowMs() - launchedAtMs) / 10) / 100;
}

function settleExit(
  managed: ManagedProcess,
  exit: Exit,
  { around, launchedAtMs }: { around: Surroundings; launchedAtMs: number },
): void {
  const { spec, state, readySinceMs } = managed;
  if (state === 'stopping' || state === 'stopped') {
    managed.state = 'stopped';
  } else if (state === 'held') {
    return;
  } else if (spec.readiness.kind === 'exit' && exit.succeeded) {
    managed.state = 'done';
    announceReady(managed, launchedAtMs, around);
  } else {
    const isForgiven = readySinceMs !== null && around.nowMs() - readySinceMs > forgiveAfterMs;
    managed.failures = isForgiven ? 1 : managed.failures + 1;
    managed.restarts += 1;
    managed.state = 'restarting';
    const restartInMs = nextDelayMs(managed.failures, around.random());
    managed.timer = setTimeout(() => begin(managed, around), restartInMs);
    around.onEvent({ kind: 'died', name: spec.name, exit, restartInMs });
  }
}

function announceReady(managed: ManagedProcess, launchedAtMs: number, around: Surroundings): void {
  const { spec } = managed;
  const seconds = managed.secondsToReady === null ? secondsSince(launchedAtMs, around) : null;
  managed.secondsToReady ??= seconds;
  around.onEvent({ kind: 'ready', name: spec.name, seconds, address: spec.address, isFirst: !managed.wasReady });
  managed.wasReady = true;
}

/** Asks ten times a second until it is ready and every two seconds from then on, as long as this launch lives. */
async function watchReadiness(
  managed: ManagedProcess,
  running: RunningProcess,
  launchedAtMs: number,
  around: Surroundings,
): Promise<void> {
  if (managed.spec.readiness.kind === 'exit') return;
  const isCurrent = (): boolean =>
    managed.running === running && ['starting', 'ready', 'unready'].includes(managed.state);
  while (isCurrent()) {
    const answer = await probe(managed.spec.readiness);
    if (!isCurrent()) return;
    if (answer && managed.state !== 'ready') {
      managed.state = 'ready';
      managed.readySinceMs ??= around.nowMs();
      announceReady(managed, launchedAtMs, around);
      around.onChange();
    } else if (!answer && managed.state === 'ready') {
      managed.state = 'unready';
      around.onEvent({ kind: 'unready', name: managed.spec.name });
      around.onChange();
    }
    await new Promise((resolve) => setTimeout(resolve, managed.state === 'starting' ? 100 : 2_000).unref());
  }
}

/** Ends a process for good: SIGTERM, then SIGKILL after `graceMs`. */
export async function end(managed: ManagedProcess, graceMs: number): Promise<void> {
  if (managed.timer !== null) clearTimeout(managed.timer);
  managed.state = managed.running === null ? 'stopped' : 'stopping';
  await Promise.all([...managed.instances].map((instance) => endInstance(instance, 'SIGTERM', graceMs)));
}

/** Asks an instance to end, and kills it after `graceMs`. */
export async function endInstance(
  instance: RunningProcess,
  signal: 'SIGTERM' | 'SIGUSR2',
  graceMs: number,
): Promise<void> {
  instance.signal(signal);
  const timer = setTimeout(instance.kill, graceMs);
  await instance.exited;
  clearTimeout(timer);
}

/** Kills a process and keeps it down until {@link release}. */
export function hold(managed: ManagedProcess, around: Surroundings): void {
  if (managed.timer !== null) clearTimeout(managed.timer);
  managed.state = 'held';
  for (const instance of managed.instances) instance.kill();
  around.onEvent({ kind: 'held', name: managed.spec.name });
  around.onChange();
}

/** Lets a held process start again, at once. */
export function release(managed: ManagedProcess, around: Surroundings): void {
  if (managed.state !== 'held') return;
  around.onEvent({ kind: 'released', name: managed.spec.name });
  // The killed one may not have been buried yet: two of them must never run side by side.
  const previous = Promise.all([...managed.instances].map(({ exited }) => exited));
  void previous.then(() => {
    if (managed.state === 'held') begin(managed, around);
  });
}
