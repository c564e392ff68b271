import { z } from 'zod';
import type { ResolvedRange } from '#app/_live/time-range.ts';
import { toRedPoints } from '#app/_server/red.ts';
import { readThresholdMs, type SloRow } from '#app/_server/slo-row.ts';
import type { RedBucket } from '#telemetry/queries/red';

/** One step of what customers felt; null where nothing was measured. Shares are 0 to 1. */
export type SliPoint = {
  atMs: number;
  checkoutsFailed: number | null;
  requestsFailed: number | null;
  p95Ms: number | null;
};

/** What the promises allow, from the objectives' own targets; null where nothing is promised. */
export type Promises = { checkoutsFailed: number | null; requestsFailed: number | null; latencyMs: number | null };

/** The service that customers reach and how it is asked for a checkout, as its objective says. */
export type Entrance = { service: string; checkouts: string[]; promises: Promises };

const indicatorSchema = z.object({
  routes: z.array(z.string()).min(1),
  methods: z.array(z.string()).min(1).default(['POST']),
});

/** Finds the entrance by the objective that promises checkouts; null where none does. */
export function findEntrance(slos: readonly SloRow[]): Entrance | null {
  const checkout = slos.find(({ sli }) => sli === 'checkout');
  if (checkout === undefined) return null;
  const indicator = indicatorSchema.safeParse(checkout.definition).data ?? { routes: [], methods: [] };
  const own = slos.filter(({ service }) => service === checkout.service);
  const availability = own.find(({ sli }) => sli === 'availability');
  const latency = own.find(({ sli }) => sli === 'latency');
  return {
    service: checkout.service,
    checkouts: indicator.methods.flatMap((method) => indicator.routes.map((route) => `${method} ${route}`)),
    promises: {
      checkoutsFailed: 1 - checkout.objective,
      requestsFailed: availability === undefined ? null : 1 - availability.objective,
      latencyMs: latency === undefined ? null : readThresholdMs(latency.definition),
    },
  };
}

/** Lays what was measured on every step of the range. */
export function toSliPoints(
  all: readonly RedBucket[],
  checkouts: readonly RedBucket[],
  range: ResolvedRange,
): SliPoint[] {
  const paying = toRedPoints(checkouts, range);
  return toRedPoints(all, range).map(({ atMs, errorShare, p95Ms }, index) => ({
    atMs,
    checkoutsFailed: paying[index]?.errorShare ?? null,
    requestsFailed: errorShare,
    p95Ms,
  }));
}
