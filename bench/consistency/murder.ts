import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, exponentialMs } from '#services/shoppers/random';

/** `problem`: why it could not be killed, or was not back in time. */
export type Kill = { atSeconds: number; target: string; backSeconds: number | null; problem?: string };

export type MurderOptions = {
  targets: readonly string[];
  /** @returns seconds until the target and all that needs it is ready again */
  kill: (target: string) => Promise<number>;
  seed: number;
  /** Rounds that an earlier part of the run has had. */
  round: number;
  /** On the monotonic clock. */
  untilMs: number;
  /** Seconds of load so far. */
  elapsedSeconds: () => number;
  onKill: (kill: Kill) => void;
};

/** On average, between the recovery from one murder and the next. */
const pauseSeconds = 6;
/** So many murders are of two at once. */
const pairs = 0.25;

/** Kills one or two processes at a time with signal 9, which ones and when by the seed, until the time is over. */
export async function murder(options: MurderOptions): Promise<void> {
  const { targets, kill, seed, untilMs, elapsedSeconds, onKill } = options;
  for (let round = options.round; ; round += 1) {
    const random = createRandom(seed * 100_003 + round);
    await sleep(1_000 + exponentialMs(random, 1 / pauseSeconds));
    if (performance.now() >= untilMs) return;
    const first = pick(targets, random);
    const victims = random() < pairs ? new Set([first, pick(targets, random)]) : new Set([first]);
    await Promise.all(
      [...victims].map(async (target) => {
        const atSeconds = elapsedSeconds();
        const outcome = await kill(target).then(
          (backSeconds) => ({ backSeconds }),
          (error: unknown) => ({ backSeconds: null, problem: String(error) }),
        );
        onKill({ atSeconds, target, ...outcome });
      }),
    );
  }
}

function pick(targets: readonly string[], random: () => number): string {
  return targets[Math.floor(random() * targets.length)] ?? '';
}
