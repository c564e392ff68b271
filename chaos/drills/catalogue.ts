import { type ServiceName, serviceNames, topology } from '#services/topology';
import { maxTtlSeconds } from '../contract.ts';

/** A fault and the page that must follow. */
export type PageDrill = {
  name: string;
  kind: 'page';
  description: string;
  fault: string;
  /** The service that the page must name as the likely cause. */
  service: string;
  /** Any of these SLOs may have raised it: those that the fault's victims see. */
  slos: readonly string[];
};

/** Nothing is injected, and nobody may be paged: for any service whatever. */
export type QuietDrill = { name: string; kind: 'quiet'; description: string };

export type DrillDefinition = PageDrill | QuietDrill;

export type DrillTimes = { limitSeconds: number; ttlSeconds: number; flashSale: boolean };

const defaultLimitSeconds = 60;
const defaultTtlSeconds = 120;
const defaultQuietSeconds = 900;
/** A flash sale shorter than a minute says nothing. */
const flashSaleFromSeconds = 180;

/** A service, whoever calls it, whoever calls those, and so on. */
function listAffected(service: ServiceName): ServiceName[] {
  const affected = new Set([service]);
  // A set that grows while it is walked is walked to its end.
  for (const callee of affected) {
    for (const caller of serviceNames) if (topology[caller].calls.includes(callee)) affected.add(caller);
  }
  return [...affected];
}

function drillErrors(service: ServiceName): PageDrill {
  const affected = listAffected(service);
  const callers = affected.slice(1);
  return {
    name: `${service}-errors`,
    kind: 'page',
    description: `${service} fails most requests${callers.length > 0 ? `; so do ${callers.join(', ')}` : ''}`,
    fault: `${service}-errors`,
    service,
    slos: [...affected.map((name) => `${name}/availability`), 'gateway/checkout-success'],
  };
}

/** Every drill that can be run by name. */
export const drills: readonly DrillDefinition[] = [
  ...serviceNames.map(drillErrors),
  {
    name: 'inventory-latency',
    kind: 'page',
    description: 'inventory answers late; stock and checkouts are slow',
    fault: 'inventory-latency',
    service: 'inventory',
    slos: [
      'inventory/latency',
      'inventory/availability',
      'orders/availability',
      'gateway/latency',
      'gateway/availability',
      'gateway/checkout-success',
    ],
  },
  {
    name: 'catalog-kill',
    kind: 'page',
    description: 'catalog is down; nobody can browse',
    fault: 'catalog-kill',
    service: 'catalog',
    slos: [
      'catalog/availability',
      'cart/availability',
      'gateway/availability',
      'gateway/latency',
      'gateway/checkout-success',
    ],
  },
  {
    name: 'orders-hang',
    kind: 'page',
    description: 'orders takes checkouts and never answers',
    fault: 'orders-hang',
    service: 'orders',
    slos: ['orders/availability', 'gateway/availability', 'gateway/checkout-success'],
  },
  {
    name: 'quiet',
    kind: 'quiet',
    description: 'nothing is injected, with a flash sale in the middle: nobody is paged',
  },
];

/**
 * Fills in what was left open: 60 s to the page, a fault that lives at least twice as long, 15 minutes of silence.
 * @throws Error when the fault would be gone before the page is late
 */
export function resolveTimes(drill: DrillDefinition, given: Partial<DrillTimes>): DrillTimes {
  if (drill.kind === 'quiet') {
    const ttlSeconds = given.ttlSeconds ?? given.limitSeconds ?? defaultQuietSeconds;
    return { limitSeconds: ttlSeconds, ttlSeconds, flashSale: given.flashSale ?? ttlSeconds >= flashSaleFromSeconds };
  }
  const limitSeconds = given.limitSeconds ?? Math.min(defaultLimitSeconds, given.ttlSeconds ?? defaultLimitSeconds);
  const ttlSeconds = given.ttlSeconds ?? Math.min(maxTtlSeconds, Math.max(defaultTtlSeconds, 2 * limitSeconds));
  if (limitSeconds > ttlSeconds) {
    throw new Error(`the limit of ${limitSeconds} s is longer than the fault lives (${ttlSeconds} s)`);
  }
  return { limitSeconds, ttlSeconds, flashSale: false };
}

/** @throws Error that lists the names there are */
export function findDrill(name: string): DrillDefinition {
  const drill = drills.find((entry) => entry.name === name);
  if (drill !== undefined) return drill;
  throw new Error(`no drill is called '${name}'; there are: ${drills.map((entry) => entry.name).join(', ')}`);
}
