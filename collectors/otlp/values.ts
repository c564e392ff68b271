/** A list or map from an attribute or a log body, on its way to JSON text. */
export type Structured = string | boolean | bigint | number | null | Structured[] | Map<string, Structured>;

/** A double as text; integers without a fraction, `NaN`, `+Inf` and `-Inf` as Prometheus writes them. */
export function renderDouble(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

/** JSON text that keeps 64-bit integers exact (`JSON.stringify` refuses them). */
export function renderStructured(value: Structured): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(renderStructured).join(',')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([name, item]) => `${JSON.stringify(name)}:${renderStructured(item)}`).join(',')}}`;
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(renderDouble(value));
  return JSON.stringify(value);
}
