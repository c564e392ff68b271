/** An event that a consumer could not deal with. */
export type DeadLetter = {
  id: string;
  queue: string;
  /** Why the last try failed. */
  reason: string;
  attempts: number;
  /** When it was given up, ISO 8601. */
  at: string;
  event: unknown;
};

/** What the consumers of a bus have given up. */
export type DeadLetters = {
  /** Names of the consumers, sorted. */
  queues: () => Promise<string[]>;
  /** Oldest first, a thousand of a queue at most; of all queues when none is named. */
  list: (queue?: string) => Promise<DeadLetter[]>;
  /** Hands them to their consumers again, as if they had never failed. @returns how many */
  replay: (letters: readonly DeadLetter[]) => Promise<number>;
  stop: () => Promise<void>;
};

/** Most letters that are listed of a queue. */
export const mostLetters = 1_000;

/** In the order in which they were given up. */
export function sortLetters(letters: readonly DeadLetter[]): DeadLetter[] {
  return letters.toSorted((a, b) => (a.at < b.at ? -1 : 1));
}
