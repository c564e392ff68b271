export type Pause = {
  /** @returns whether the time is over; false: it was ended before */
  wait: (ms: number) => Promise<boolean>;
  /** Ends the wait that is under way, if any. */
  end: () => void;
};

/** A wait that can be ended; one at a time. */
export function createPause(): Pause {
  let end = (): void => {};
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(true), ms);
        end = () => {
          clearTimeout(timer);
          resolve(false);
        };
      }),
    end: () => end(),
  };
}
