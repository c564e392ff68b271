/** May a call be made again? True takes one retry out of the budget. */
export type RetryBudget = { deposit: () => void; withdraw: () => boolean };

/** Retries that a quiet client may save up, in seconds of `minPerSecond`. */
const reserveSeconds = 10;

/**
 * Retries as a share of calls: when everything fails, retries add a fifth to the load of a service that is down, instead
 * of doubling it. After Finagle's RetryBudget; see also "Handling Overload" in Site Reliability Engineering (2016).
 * @param share retries per call, 0 to 1
 * @param minPerSecond retries that a client with few calls has nevertheless
 * @param now milliseconds, monotonic
 */
export function createRetryBudget({
  share = 0.2,
  minPerSecond = 1,
  now = () => performance.now(),
}: {
  share?: number;
  minPerSecond?: number;
  now?: () => number;
} = {}): RetryBudget {
  const most = reserveSeconds * minPerSecond + 100 * share;
  let balance = reserveSeconds * minPerSecond;
  let lastMs = now();
  const refill = (tokens: number): void => {
    const nowMs = now();
    balance = Math.min(most, balance + tokens + ((nowMs - lastMs) / 1_000) * minPerSecond);
    lastMs = nowMs;
  };
  return {
    deposit: () => refill(share),
    withdraw: () => {
      refill(0);
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}
