import { monitorEventLoopDelay } from 'node:perf_hooks';
import { metrics } from '@opentelemetry/api';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';

/** What is turned away first, and last: who is about to pay is served as long as anybody is. */
export type Priority = 'browse' | 'cart' | 'checkout';

export type ShedLimits = Record<Priority, { inFlight: number; lagMs: number }>;

/**
 * Requests at once, and lag of the event loop (p90 of the last second), beyond which requests of a priority are turned
 * away. A gateway on one core answers about 600 a second in 20 ms each, a dozen at once: ten times that is a queue.
 */
const defaultLimits: ShedLimits = {
  browse: { inFlight: 150, lagMs: 250 },
  cart: { inFlight: 225, lagMs: 500 },
  checkout: { inFlight: 300, lagMs: 1_000 },
};

const windowMs = 1_000;
const shed = metrics
  .getMeter('bellwether/gateway')
  .createCounter('gateway.shed', { description: 'Requests turned away: too many at once, by priority.' });

/** The priority of a route; null for what is never turned away (health, metrics). */
export function priorityOf(route: string | undefined): Priority | null {
  if (route?.startsWith('/oauth/')) return 'cart';
  if (route === undefined || !route.startsWith('/api/')) return null;
  if (route === '/api/checkout' || route.startsWith('/api/orders/')) return 'checkout';
  const ofCustomers = ['/api/cart', '/api/session', '/api/sign-', '/api/register', '/api/account'];
  return ofCustomers.some((prefix) => route.startsWith(prefix)) ? 'cart' : 'browse';
}

/**
 * Turns requests away with 503 `overloaded` while there are too many, the least important first. Its hook comes after the
 * one that names the route: what is turned away counts against the gateway's objectives.
 */
export function registerShedding(
  app: Server,
  { limits = defaultLimits, lagMs = measureLag() }: { limits?: ShedLimits; lagMs?: LagMeter } = {},
): void {
  let inFlight = 0;
  app.addHook('onRequest', (request, reply, done) => {
    const priority = priorityOf(request.routeOptions.url);
    if (priority === null) return done();
    const limit = limits[priority];
    if (inFlight >= limit.inFlight || lagMs.read() >= limit.lagMs) {
      shed.add(1, { priority });
      return done(new DomainError('overloaded', 503, 'Too many customers at once.', { retryAfterSeconds: 1 }));
    }
    inFlight += 1;
    reply.raw.once('close', () => {
      inFlight -= 1;
    });
    done();
  });
  app.addHook('onClose', async () => lagMs.stop());
}

/** How late the event loop is, in milliseconds. */
export type LagMeter = { read: () => number; stop: () => void };

function measureLag(): LagMeter {
  const resolutionMs = 20;
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let lastMs = 0;
  const timer = setInterval(() => {
    lastMs = Math.max(0, histogram.percentile(90) / 1e6 - resolutionMs);
    histogram.reset();
  }, windowMs).unref();
  return {
    read: () => lastMs,
    stop: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
