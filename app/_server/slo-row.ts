export type SloStatus = 'unknown' | 'ok' | 'pending' | 'firing';

/** One objective with what its detector last knew; `good` and `bad` count the last five minutes. */
export type SloRow = {
  id: string;
  service: string;
  displayName: string;
  sli: string;
  source: string;
  objective: number;
  windowDays: number;
  automatic: boolean;
  definition: unknown;
  owner: string | null;
  runbook: string | null;
  status: SloStatus;
  good: number;
  bad: number;
  lastEventAtMs: number | null;
  updatedAtMs: number | null;
};

/** The latency threshold in ms that an objective's definition names, wherever it stands in it; null when none does. */
export function readThresholdMs(definition: unknown): number | null {
  if (typeof definition !== 'object' || definition === null) return null;
  for (const [key, value] of Object.entries(definition)) {
    if ((key === 'slowerThanMs' || key === 'thresholdMs') && typeof value === 'number') return value;
    const inner = readThresholdMs(value);
    if (inner !== null) return inner;
  }
  return null;
}
