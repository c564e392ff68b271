import type { Position } from './position.ts';

export type Lag = {
  /** Where the primary was, at a time before it was asked. */
  sample: (position: Position, atMs: number) => void;
  /** How old what somebody shows is, who has replayed up to a position: 0 when nothing later is known. */
  of: (replayed: Position, nowMs: number) => number;
};

const keptMs = 60_000;

/**
 * Measures how far behind a replica is in time, from where the primary was when. Unlike the time of the last transaction
 * that was replayed it does not grow while nothing is written, and needs no writes of its own.
 */
export function createLag(): Lag {
  const samples: { position: Position; atMs: number }[] = [];
  return {
    sample: (position, atMs) => {
      const last = samples.at(-1);
      if (last === undefined || position > last.position) samples.push({ position, atMs });
      // One older stays: what is behind it is older still.
      while (samples.length > 2 && (samples[1]?.atMs ?? atMs) < atMs - keptMs) samples.shift();
    },
    of: (replayed, nowMs) => {
      const missing = samples.find(({ position }) => position > replayed);
      return missing === undefined ? 0 : nowMs - missing.atMs;
    },
  };
}
