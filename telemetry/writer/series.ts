import type { SeriesRow } from '../rows.ts';
import type { BatchStore } from './store.ts';

const refreshMs = 10 * 60_000;
const maxRemembered = 500_000;

export type SeriesRegister = {
  /** Notes series that samples on their way belong to. */
  note: (rows: readonly SeriesRow[]) => void;
  /** Stores what was noted and is new, or was last seen long ago. */
  flush: () => Promise<void>;
  /** The store may have lost its data: remember nothing. */
  reset: () => void;
};

/** Stores each series once, and its last-seen time every ten minutes. */
export function createSeriesRegister(store: BatchStore, clock: () => number): SeriesRegister {
  const written = new Map<string, number>();
  const noted = new Map<string, SeriesRow>();
  return {
    note: (rows) => {
      const nowMs = clock();
      for (const row of rows) {
        if (nowMs - (written.get(row.fingerprint) ?? 0) >= refreshMs) noted.set(row.fingerprint, row);
      }
    },
    flush: async () => {
      if (noted.size === 0) return;
      const rows = [...noted.values()];
      const nowMs = clock();
      await store.insertSeries(rows, nowMs);
      if (written.size > maxRemembered) written.clear();
      for (const row of rows) {
        written.set(row.fingerprint, nowMs);
        noted.delete(row.fingerprint);
      }
    },
    reset: () => written.clear(),
  };
}
