/** (good, bad) of one tick; `atMs` is when it was evaluated, the other times belong to its first bad event. */
export type Observation = {
  atMs: number;
  good: number;
  bad: number;
  firstBadMs: number | null;
  firstBadStoredMs: number | null;
};
