import type { SessionPlan } from './plan-session.ts';
import { exponentialMs } from './random.ts';

/** Without arrivals, look again this often whether the load has changed. */
const idleMs = 250;

export type TrafficOptions<Plan = SessionPlan> = {
  /** Visits per second wanted now. */
  visitsPerSecond: () => number;
  /** The next shopper. */
  nextPlan: () => Plan;
  visit: (plan: Plan, signal: AbortSignal) => Promise<void>;
  random: () => number;
  now: () => number;
  /** More shoppers than this at once are turned away and counted: a slow shop must not pile them up here. */
  maxVisits: number;
  onShed: () => void;
};

export type Traffic = { active: () => number; stop: () => Promise<void> };

/** Lets shoppers in as they come, whether or not the earlier ones have been served (an open loop). */
export function startTraffic<Plan>(options: TrafficOptions<Plan>): Traffic {
  const { visitsPerSecond, nextPlan, visit, random, now, maxVisits, onShed } = options;
  const active = new Set<Promise<void>>();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let lastMs = now();
  let waitMs = 0;
  let rate = 0;

  function arrive(): void {
    const plan = nextPlan();
    if (active.size >= maxVisits) {
      onShed();
      return;
    }
    const running = visit(plan, abort.signal)
      .catch(() => undefined)
      .finally(() => active.delete(running));
    active.add(running);
  }

  function tick(): void {
    const elapsedMs = now() - lastMs;
    lastMs += elapsedMs;
    const wanted = visitsPerSecond();
    // Arrivals are memoryless: at a new rate the wait may simply begin anew.
    if (wanted !== rate) {
      rate = wanted;
      waitMs = rate > 0 ? exponentialMs(random, rate) : Number.POSITIVE_INFINITY;
    } else {
      waitMs -= elapsedMs;
    }
    while (waitMs <= 0) {
      arrive();
      waitMs += exponentialMs(random, rate);
    }
    timer = setTimeout(tick, Math.min(idleMs, waitMs));
  }
  tick();

  return {
    active: () => active.size,
    stop: async () => {
      clearTimeout(timer);
      abort.abort();
      await Promise.all(active);
    },
  };
}
