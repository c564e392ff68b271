import type { Attributes } from '#telemetry/rows';
import { prometheusLabelName } from '../prometheus-names.ts';

/**
 * Attributes as Prometheus labels. Attributes whose names become the same label are joined by `;` in the order of their
 * own names; an empty value is no label at all.
 */
export function labelsFromAttributes(attributes: Attributes): Attributes {
  const labels: Attributes = {};
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name];
    if (value === undefined || value === '' || name === '') continue;
    const label = prometheusLabelName(name);
    const taken = labels[label];
    labels[label] = taken === undefined ? value : `${taken};${value}`;
  }
  return labels;
}

/** `job` and `instance` as the compatibility rules make them of service.namespace, service.name and service.instance.id. */
export function jobAndInstance(resource: Attributes): Attributes {
  const name = resource['service.name'] ?? '';
  const namespace = resource['service.namespace'] ?? '';
  const instance = resource['service.instance.id'] ?? '';
  const labels: Attributes = {};
  if (name !== '') labels.job = namespace === '' ? name : `${namespace}/${name}`;
  if (instance !== '') labels.instance = instance;
  return labels;
}

const identifying = new Set(['service.name', 'service.namespace', 'service.instance.id']);

/** Labels of `target_info`; null when the resource says nothing beyond `job` and `instance`, or lacks both. */
export function targetInfoLabels(resource: Attributes): Attributes | null {
  const identity = jobAndInstance(resource);
  const rest = Object.fromEntries(Object.entries(resource).filter(([name]) => !identifying.has(name)));
  if (Object.keys(identity).length === 0 || Object.keys(rest).length === 0) return null;
  return { ...labelsFromAttributes(rest), ...identity };
}

/** `otel_scope_*` labels of an instrumentation scope. */
export function scopeLabels(
  scope: { name: string; version: string; attributes: Attributes },
  schemaUrl: string,
): Attributes {
  const labels: Attributes = {};
  for (const [name, value] of Object.entries(labelsFromAttributes(scope.attributes)))
    labels[`otel_scope_${name}`] = value;
  if (scope.name !== '') labels.otel_scope_name = scope.name;
  if (scope.version !== '') labels.otel_scope_version = scope.version;
  if (schemaUrl !== '') labels.otel_scope_schema_url = schemaUrl;
  return labels;
}
