import { metrics } from '@opentelemetry/api';

export type Layer = 'local' | 'redis';

/**
 * What looking into a layer brought: a value (`hit`), the knowledge that there is none (`negative`), a value that is
 * loaded anew behind the answer (`revalidating`), nothing (`miss`), something too old or invalidated (`stale`), or no
 * answer that could be used (`error`).
 */
export type Result = 'hit' | 'negative' | 'revalidating' | 'miss' | 'stale' | 'error';

export type Tally = {
  count: (region: string, layer: Layer, result: Result) => void;
  /** Counts since the start by `<region>.<layer>.<result>`. */
  read: () => Record<string, number>;
};

const requests = metrics.getMeter('bellwether/cache').createCounter('cache.requests', {
  description: 'Lookups in a layer of the cache; the hit ratio of a layer is (hit + negative + revalidating) / all.',
  unit: '{request}',
});

/** Counts lookups for OpenTelemetry and, in the process, for tests. */
export function createTally(cacheName: string): Tally {
  const counts: Record<string, number> = {};
  return {
    count: (region, layer, result) => {
      const name = `${region}.${layer}.${result}`;
      counts[name] = (counts[name] ?? 0) + 1;
      const attributes = { 'cache.region': region, 'cache.layer': layer, 'cache.result': result };
      requests.add(1, { 'cache.name': cacheName, ...attributes });
    },
    read: () => ({ ...counts }),
  };
}
