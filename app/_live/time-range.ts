/** Presets of the time range picker, with their length in minutes. */
export const presetMinutes = {
  '5m': 5,
  '15m': 15,
  '1h': 60,
  '6h': 360,
  '24h': 1440,
  '7d': 10_080,
  '30d': 43_200,
} as const;

export type Preset = keyof typeof presetMinutes;
export const presets = Object.keys(presetMinutes) as Preset[];

/** `last`: a window that ends now and moves; `between`: fixed, e.g. selected by dragging on a chart. */
export type TimeRange = { kind: 'last'; preset: Preset } | { kind: 'between'; fromMs: number; toMs: number };

export type ResolvedRange = { fromMs: number; toMs: number; stepSeconds: number };

const defaultRange: TimeRange = { kind: 'last', preset: '15m' };
const longestMs = 31 * 24 * 3_600_000;
const steps = [10, 30, 60, 180, 600, 1800, 3600, 21_600];

/** Reads the `range` of the URL: `15m`, or `<from>-<to>` in Unix milliseconds. Anything else is the last 15 minutes. */
export function parseRange(text: string | null | undefined): TimeRange {
  if (text !== null && text !== undefined && Object.hasOwn(presetMinutes, text))
    return { kind: 'last', preset: text as Preset };
  const match = /^(\d{12,14})-(\d{12,14})$/.exec(text ?? '');
  const fromMs = Number(match?.[1]);
  const toMs = Number(match?.[2]);
  if (match !== null && toMs - fromMs >= 10_000 && toMs - fromMs <= longestMs) return { kind: 'between', fromMs, toMs };
  return defaultRange;
}

/** The inverse of {@link parseRange}. */
export function formatRange(range: TimeRange): string {
  return range.kind === 'last' ? range.preset : `${range.fromMs}-${range.toMs}`;
}

/** Bounds aligned to a step that gives at most 150 points, so that buckets never straddle a bound. */
export function resolveRange(range: TimeRange, nowMs: number): ResolvedRange {
  const lengthMs = range.kind === 'last' ? presetMinutes[range.preset] * 60_000 : range.toMs - range.fromMs;
  const endMs = range.kind === 'last' ? nowMs : range.toMs;
  const stepSeconds = steps.find((step) => lengthMs / (step * 1_000) <= 150) ?? 21_600;
  const stepMs = stepSeconds * 1_000;
  const toMs = Math.floor(endMs / stepMs) * stepMs;
  return { fromMs: toMs - Math.ceil(lengthMs / stepMs) * stepMs, toMs, stepSeconds };
}
