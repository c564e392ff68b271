/** Requests per second that are let through in the long run; twice as many at once. */
export type FaroRates = { app: number; address: number; session: number };

type Bucket = { tokens: number; atMs: number };

/** Who a request is counted against. `session` is '' when the sender did not say. */
export type Sender = { app: string; address: string; session: string };

export type RateLimit = {
  /** Takes the request, or returns the seconds (whole, at least one) until one like it will be taken. */
  take: (sender: Sender) => number | null;
};

/** Senders that are remembered; beyond it the ones unheard of for longest are forgotten, which fills their bucket. */
const maxSenders = 50_000;

const burstSeconds = 2;

/**
 * Token buckets by app, by address and by session. A request that one of them refuses costs the others nothing, so that one
 * loud browser does not silence its app.
 * @param clock Unix ms
 */
export function createRateLimit(rates: FaroRates, clock: () => number): RateLimit {
  const buckets = new Map<string, Bucket>();
  const refill = (key: string, rate: number, nowMs: number): Bucket => {
    const full = Math.max(1, rate * burstSeconds);
    const before = buckets.get(key) ?? { tokens: full, atMs: nowMs };
    const elapsedSeconds = Math.max(0, nowMs - before.atMs) / 1_000;
    return { tokens: Math.min(full, before.tokens + elapsedSeconds * rate), atMs: nowMs };
  };
  const keep = (key: string, bucket: Bucket): void => {
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size <= maxSenders) return;
    const [oldest] = buckets.keys();
    if (oldest !== undefined) buckets.delete(oldest);
  };
  return {
    take: ({ app, address, session }) => {
      const nowMs = clock();
      const asked: [string, number][] = [
        [`app ${app}`, rates.app],
        [`address ${app} ${address}`, rates.address],
      ];
      if (session !== '') asked.push([`session ${app} ${session}`, rates.session]);
      const filled = asked.map(([key, rate]) => ({ key, rate, bucket: refill(key, rate, nowMs) }));
      const waits = filled.map(({ rate, bucket }) => (bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) / rate));
      const waitSeconds = Math.max(...waits);
      if (waitSeconds > 0) return Math.max(1, Math.ceil(waitSeconds));
      for (const { key, bucket } of filled) keep(key, { ...bucket, tokens: bucket.tokens - 1 });
      return null;
    },
  };
}
