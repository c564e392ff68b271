import { createClient } from '#services/kit/fetch';
import { averageSession, planSession } from '#services/shoppers/plan-session';
import { createRandom } from '#services/shoppers/random';
import { type ShopperDeps, visitShop } from '#services/shoppers/shopper';
import { startTraffic } from '#services/shoppers/traffic';

/** Times of answers by kind of request (`get /api/products/:id`), ms. */
export type Requests = { latenciesMs: Map<string, number[]>; failed: number; checkouts: number };

export type Visitors = {
  setRate: (requestsPerSecond: number) => void;
  /** What was answered since the last time. */
  take: () => Requests;
  stop: () => Promise<void>;
};

/**
 * The shoppers of the demo in this process, timed here: whole visits, which begin whether or not the earlier ones are
 * served, so that a slow shop is not spared.
 */
export function startVisitors({ gatewayUrl, seed }: { gatewayUrl: string; seed: number }): Visitors {
  const client = createClient({
    ...{ peer: 'gateway', baseUrl: gatewayUrl, timeoutMs: 10_000 },
    ...{ retries: 0, breaker: 'none' as const, concurrency: 10_000 },
  });
  const average = averageSession();
  let rate = 0;
  let visits = 0;
  let taken = nothing();
  const timed = (method: 'get' | 'post'): ShopperDeps['gateway']['get'] => {
    return async (path, options) => {
      const startMs = performance.now();
      try {
        return await client[method](path, options);
      } finally {
        note(taken, `${method} ${path}`, performance.now() - startMs);
      }
    };
  };
  const deps: ShopperDeps = {
    gateway: { ...client, get: timed('get'), post: timed('post') },
    onRequest: (outcome) => {
      if (outcome === 'failed' || outcome === 'unanswered') taken.failed += 1;
    },
    onCheckout: (outcome) => {
      if (outcome === 'confirmed') taken.checkouts += 1;
    },
  };
  const traffic = startTraffic({
    visitsPerSecond: () => rate / average.requests,
    nextPlan: () => {
      visits += 1;
      return planSession(createRandom(seed + visits), { flashSale: false });
    },
    visit: (plan, signal) => visitShop(deps, plan, signal),
    random: createRandom(seed),
    now: createRestingClock(),
    maxVisits: 20_000,
    onShed: () => undefined,
  });
  return {
    setRate: (requestsPerSecond) => {
      rate = requestsPerSecond;
    },
    take: () => {
      const result = taken;
      taken = nothing();
      return result;
    },
    stop: traffic.stop,
  };
}

/** A clock that stands still while this process does (SIGSTOP), so that nobody comes in a crowd afterwards. */
function createRestingClock(): () => number {
  const longestStepMs = 1_000;
  let ms = 0;
  let lastMs = performance.now();
  return () => {
    const nowMs = performance.now();
    ms += Math.min(longestStepMs, nowMs - lastMs);
    lastMs = nowMs;
    return ms;
  };
}

function nothing(): Requests {
  return { latenciesMs: new Map(), failed: 0, checkouts: 0 };
}

/** Requests for other products, articles or words are of one kind. */
function note({ latenciesMs }: Requests, request: string, ms: number): void {
  const kind = request.replace(/\?.*/, '').replaceAll(/\/(?:BW-[\w-]+|[\da-f-]{36})/g, '/:id');
  const known = latenciesMs.get(kind);
  if (known === undefined) latenciesMs.set(kind, [ms]);
  else known.push(ms);
}
