import {
  adopt,
  begin,
  end,
  endInstance,
  launchInstance,
  type ManagedProcess,
  type Surroundings,
} from './managed-process.ts';

export type RestartOutcome =
  /** `downSeconds`: nobody answered for so long; 0 when the successor served before the old one stopped. */
  { ok: true; downSeconds: number } | { ok: false; status: 404 | 409 | 500; reason: string };

/** From the launch of a successor until it is ready. */
const readyWithinMs = 90_000;
/** For what has been begun, and for clients to give up the connections that they keep. */
const drainWithinMs = 20_000;
const graceMs = 8_000;

/** Restarts a process that is ready. */
export async function restart(
  managed: ManagedProcess,
  around: Surroundings,
  { downtime }: { downtime: boolean },
): Promise<RestartOutcome> {
  const { name } = managed.spec;
  if (managed.sockets !== null) return replace(managed, around);
  if (!downtime) {
    const reason = `only one ${name} can run at a time: what needs it would fail until it is back`;
    return { ok: false, status: 409, reason };
  }
  const stoppedAtMs = around.nowMs();
  await end(managed, graceMs);
  begin(managed, around);
  const isBack = await waitUntil(() => managed.state === 'ready', readyWithinMs);
  if (!isBack) return { ok: false, status: 500, reason: `${name} is not back after ${readyWithinMs / 1_000} s` };
  return { ok: true, downSeconds: (around.nowMs() - stoppedAtMs) / 1_000 };
}

/** A successor that does not come up changes nothing: the old one goes on. */
async function replace(managed: ManagedProcess, around: Surroundings): Promise<RestartOutcome> {
  const { name } = managed.spec;
  const old = managed.running;
  const launchedAtMs = around.nowMs();
  const successor = launchInstance(managed, around);
  around.onChange();
  const problem = await Promise.race([
    successor.saidReady.then(() => null),
    successor.exited.then((exit) => `${exit.reason}${exit.lastWords === '' ? '' : `: ${exit.lastWords}`}`),
    after(readyWithinMs).then(() => `not ready after ${readyWithinMs / 1_000} s`),
  ]);
  // Killed by a drill, stopped, or died and started anew meanwhile: that instance is the one that counts.
  const isSuperseded = managed.running !== old || managed.state === 'held' || managed.state === 'stopping';
  if (problem !== null || isSuperseded || old === null) {
    successor.kill();
    await successor.exited;
    const reason = problem ?? `${name} died or was stopped meanwhile`;
    return { ok: false, status: 500, reason: `the successor of ${name} did not take over (${reason})` };
  }
  adopt(managed, successor, { around, launchedAtMs, state: 'ready' });
  around.onEvent({ kind: 'replaced', name });
  await endInstance(old, 'SIGUSR2', drainWithinMs);
  return { ok: true, downSeconds: 0 };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function waitUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; !condition(); waitedMs += 100) {
    if (waitedMs >= limitMs) return false;
    await after(100);
  }
  return true;
}
