/**
 * OpenTelemetry names as Prometheus names, by
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ (OTLP metric points to Prometheus).
 */

export type MetricKind = 'counter' | 'gauge' | 'histogram' | 'summary';

const units = new Map(
  Object.entries({
    d: 'days',
    h: 'hours',
    min: 'minutes',
    s: 'seconds',
    ms: 'milliseconds',
    us: 'microseconds',
    ns: 'nanoseconds',
    By: 'bytes',
    KiBy: 'kibibytes',
    MiBy: 'mebibytes',
    GiBy: 'gibibytes',
    TiBy: 'tebibytes',
    kBy: 'kilobytes',
    KBy: 'kilobytes',
    MBy: 'megabytes',
    GBy: 'gigabytes',
    TBy: 'terabytes',
    m: 'meters',
    V: 'volts',
    A: 'amperes',
    J: 'joules',
    W: 'watts',
    g: 'grams',
    Cel: 'celsius',
    Hz: 'hertz',
    '1': '',
    '%': 'percent',
  }),
);

const perUnits = new Map(
  Object.entries({
    s: 'second',
    m: 'minute',
    h: 'hour',
    d: 'day',
    w: 'week',
    mo: 'month',
    y: 'year',
  }),
);

/**
 * The Prometheus name of a metric: sanitised, with the unit's suffix and `_total` (monotonic sums) or `_ratio` (gauges
 * of unit 1), neither twice. Suffixes of parts (`_bucket`, `_sum`, `_count`) are the caller's.
 */
export function prometheusMetricName(name: string, unit: string, kind: MetricKind): string {
  let words = splitWords(name);
  const { main, per } = unitWords(unit);
  if (main !== '' && !words.includes(main)) words.push(main);
  if (per !== '' && !words.includes(`per_${per}`)) words.push(`per_${per}`);
  if (kind === 'counter') words = [...words.filter((word) => word !== 'total'), 'total'];
  if (kind === 'gauge' && unit === '1') words = [...words.filter((word) => word !== 'ratio'), 'ratio'];
  const joined = words.join('_');
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
}

/** The Prometheus unit of an OpenTelemetry unit, e.g. `By/s` → `bytes_per_second`; empty when it has none. */
export function prometheusUnit(unit: string, kind: MetricKind): string {
  if (unit === '1') return kind === 'gauge' ? 'ratio' : '';
  const { main, per } = unitWords(unit);
  if (per === '') return main;
  return main === '' ? `per_${per}` : `${main}_per_${per}`;
}

/** The Prometheus name of a label; what cannot be one becomes `_`, and runs of `_` become one. */
export function prometheusLabelName(name: string): string {
  const clean = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/__+/g, '_');
  if (/^[0-9]/.test(clean)) return `key_${clean}`;
  return clean.startsWith('_') ? `key${clean}` : clean;
}

/** A bucket bound or quantile as Prometheus writes it: plain decimals, never an exponent. */
export function renderBound(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  const short = String(bound);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(short);
  if (match === null) return short;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`;
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`;
}

function splitWords(text: string): string[] {
  return text.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
}

// What stands in braces is an annotation ("{request}"), not a unit, and is dropped.
function unitWords(unit: string): { main: string; per: string } {
  const slash = unit.indexOf('/');
  const mainPart = (slash < 0 ? unit : unit.slice(0, slash)).trim();
  const perPart = slash < 0 ? '' : unit.slice(slash + 1).trim();
  const isAnnotation = (part: string): boolean => /[{}]/.test(part);
  return {
    main: isAnnotation(mainPart) ? '' : splitWords(units.get(mainPart) ?? mainPart).join('_'),
    per: isAnnotation(perPart) ? '' : splitWords(perUnits.get(perPart) ?? perPart).join('_'),
  };
}
