import { formatRange, parseRange, type ResolvedRange, type TimeRange } from '#app/_live/time-range.ts';
import type { CoursePoint } from './_figures.ts';

const columns = [
  'from',
  'to',
  'sessions_begun',
  'carts_filled',
  'sessions_paid',
  'conversion',
  'abandonment',
  'orders',
  'orders_per_minute',
  'revenue_minor',
  'currency',
];

/** The range that a person asked to export; null when the text is none. Without a text it is the page's default. */
export function parseExportRange(text: string | null): TimeRange | null {
  const range = parseRange(text);
  return text === null || formatRange(range) === text ? range : null;
}

/** RFC 4180, a line per step of time (UTC); empty where nothing is known. Money is in minor units. */
export function writeCsv(points: readonly CoursePoint[], stepSeconds: number, currency: string): string {
  const share = (value: number | null): string => (value === null ? '' : value.toFixed(4));
  const lines = points.map((point) =>
    [
      new Date(point.atMs).toISOString(),
      new Date(point.atMs + stepSeconds * 1_000).toISOString(),
      point.sessions ?? '',
      point.carts ?? '',
      point.paid ?? '',
      share(point.conversion),
      share(point.abandonment),
      point.orders ?? '',
      point.perMinute === null ? '' : Number(point.perMinute.toFixed(3)),
      point.revenueMinor ?? '',
      point.revenueMinor === null ? '' : currency,
    ].join(','),
  );
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

/** E.g. `business-20251124T1200Z-20251124T1215Z.csv`. */
export function nameCsv({ fromMs, toMs }: ResolvedRange): string {
  const [from, to] = [fromMs, toMs].map((ms) => `${new Date(ms).toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`);
  return `business-${from}-${to}.csv`;
}
