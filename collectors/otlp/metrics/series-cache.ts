import type { Attributes, SeriesRow } from '#telemetry/rows';
import type { Scope } from '../scope.ts';
import {
  addSample,
  createMetricContext,
  createTargetInfo,
  type MetricContext,
  type MetricDescriptor,
  type MetricsBatch,
} from './translate.ts';

export type ResourceContext = {
  attributes: Attributes;
  targetInfo: SeriesRow | null;
  scopes: Map<string, ScopeContext>;
};

export type ScopeContext = {
  resource: ResourceContext;
  scope: Scope;
  schemaUrl: string;
  metrics: Map<string, MetricContext | null>;
};

/**
 * Senders repeat the same resources, scopes and attributes in every request; what was made of them is kept under their
 * encoded form. It is a cache and nothing else: emptied or lost, the same series come out again.
 */
export type SeriesCache = { resources: Map<string, ResourceContext>; points: number };

/** About 1 KB each with their series: 200 MB at the most. */
const maxPoints = 200_000;

export function createSeriesCache(): SeriesCache {
  return { resources: new Map(), points: 0 };
}

/** Counts what a request added and empties a cache that has grown too large; call it between requests. */
export function boundCache(cache: SeriesCache, batch: MetricsBatch): void {
  cache.points += batch.pointsMet;
  if (cache.points <= maxPoints) return;
  cache.resources.clear();
  cache.points = 0;
}

export function openResource(cache: SeriesCache, encoded: string, read: () => Attributes): ResourceContext {
  const known = cache.resources.get(encoded);
  if (known !== undefined) return known;
  const attributes = read();
  const context: ResourceContext = { attributes, targetInfo: createTargetInfo(attributes), scopes: new Map() };
  cache.resources.set(encoded, context);
  return context;
}

export function openScope(
  resource: ResourceContext,
  encoded: string,
  read: () => { scope: Scope; schemaUrl: string },
): ScopeContext {
  const known = resource.scopes.get(encoded);
  if (known !== undefined) return known;
  const context: ScopeContext = { resource, ...read(), metrics: new Map() };
  resource.scopes.set(encoded, context);
  return context;
}

/** @returns null when the metric's name cannot be a Prometheus name */
export function openMetric(scope: ScopeContext, descriptor: MetricDescriptor): MetricContext | null {
  const { name, unit, kind, temporality, monotonic } = descriptor;
  const key = `${kind}${temporality}${monotonic}\0${unit}\0${name}`;
  const known = scope.metrics.get(key);
  if (known !== undefined) return known;
  const context = createMetricContext(descriptor, {
    resource: scope.resource.attributes,
    scope: scope.scope,
    schemaUrl: scope.schemaUrl,
  });
  scope.metrics.set(key, context);
  return context;
}

/** Adds `target_info 1` at the time of the resource's newest point, if it had any. */
export function closeResource(batch: MetricsBatch, resource: ResourceContext, samplesBefore: number): void {
  if (resource.targetInfo === null) return;
  let newestMs = 0;
  for (let index = samplesBefore; index < batch.samples.length; index++) {
    newestMs = Math.max(newestMs, batch.samples[index]?.timestampMs ?? 0);
  }
  if (newestMs > 0) addSample(batch, resource.targetInfo, { timestampMs: newestMs, startMs: 0, stale: false }, 1);
}
