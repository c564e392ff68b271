/** The stages of a fault whose times are known; ms since the epoch. */
export type LedgerTimes = {
  onsetMs: number;
  storedMs: number | null;
  evaluatedMs: number | null;
  pendingMs: number | null;
  firingMs: number;
  sentMs: number | null;
  acceptedMs: number | null;
};

export type Stage = 'stored' | 'evaluated' | 'pending' | 'firing' | 'sent' | 'accepted';

/** Seconds from the estimated onset to each stage that has been reached; never negative (clocks differ a little). */
export function stageSeconds(times: LedgerTimes): { stage: Stage; seconds: number }[] {
  const reached: [Stage, number | null][] = [
    ['stored', times.storedMs],
    ['evaluated', times.evaluatedMs],
    ['pending', times.pendingMs],
    ['firing', times.firingMs],
    ['sent', times.sentMs],
    ['accepted', times.acceptedMs],
  ];
  return reached.flatMap(([stage, at]) =>
    at === null ? [] : [{ stage, seconds: Math.max(0, at - times.onsetMs) / 1_000 }],
  );
}
