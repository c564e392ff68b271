import { forgiveAfterMs, nextDelayMs } from './backoff.ts';
import { type Exit, launch, type RunningProcess } from './launch.ts';
import { openLogFile } from './log-file.ts';
import { probe } from './probe.ts';
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
  running: RunningProcess | null;
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
  const { spec } = managed;
  const log = openLogFile(`${around.logsDir}/${spec.name}.log`, spec.name);
  const launchedAtMs = around.nowMs();
  const running = launch(spec, { cwd: around.cwd, env: around.env, log });
  Object.assign(managed, { running, pid: running.pid, state: 'starting', secondsToReady: null, readySinceMs: null });
  around.onChange();
  void watchReadiness(managed, running, launchedAtMs, around);
  void running.exited.then((exit) => {
    void log.close();
    managed.running = null;
    managed.pid = null;
    settleExit(managed, exit, { around, launchedAtMs });
    around.onChange();
  });
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
  const seconds = managed.secondsToReady === null ? (around.nowMs() - launchedAtMs) / 1_000 : null;
  if (seconds !== null) managed.secondsToReady = Math.round(seconds * 100) / 100;
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
  const { running } = managed;
  if (running === null) {
    managed.state = 'stopped';
    return;
  }
  managed.state = 'stopping';
  running.signal('SIGTERM');
  const timer = setTimeout(running.kill, graceMs);
  await running.exited;
  clearTimeout(timer);
}

/** Kills a process and keeps it down until {@link release}. */
export function hold(managed: ManagedProcess, around: Surroundings): void {
  if (managed.timer !== null) clearTimeout(managed.timer);
  managed.state = 'held';
  managed.running?.kill();
  around.onEvent({ kind: 'held', name: managed.spec.name });
  around.onChange();
}

/** Lets a held process start again, at once. */
export function release(managed: ManagedProcess, around: Surroundings): void {
  if (managed.state !== 'held') return;
  around.onEvent({ kind: 'released', name: managed.spec.name });
  // The killed one may not have been buried yet: two of them must never run side by side.
  const previous = managed.running?.exited ?? Promise.resolve();
  void previous.then(() => {
    if (managed.state === 'held') begin(managed, around);
  });
}
