import { formatRange, parseRange, type ResolvedRange, type TimeRange } from '#app/_live/time-range.ts';
import type { Marker } from '#app/_server/markers.ts';
import type { Business } from './_data.ts';
import type { SliPoint } from './_slis.ts';

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
  'checkouts_failed_share',
  'requests_failed_share',
  'latency_p95_ms',
  'compared_with',
  'conversion_before',
  'abandonment_before',
  'orders_before',
  'revenue_minor_before',
  'marks',
];

/** The range that a person asked to export; null when the text is none. Without a text it is the page's default. */
export function parseExportRange(text: string | null): TimeRange | null {
  const range = parseRange(text);
  return text === null || formatRange(range) === text ? range : null;
}

/**
 * RFC 4180, a line per step of time (UTC); empty where nothing is known. Shares are 0 to 1, money is in minor units. `marks`
 * are the faults, pages, versions and flags of the step.
 */
export function writeCsv({
  business,
  slis,
  marks,
  range,
}: {
  business: Pick<Business, 'course' | 'before' | 'currency'>;
  slis: readonly SliPoint[];
  marks: readonly Marker[];
  range: ResolvedRange;
}): string {
  const { course, before, currency } = business;
  const stepMs = range.stepSeconds * 1_000;
  const lines = course.map((point, index) => {
    const earlier = before.course[index];
    const sli = slis[index];
    const labels = marks
      .filter(({ atMs }) => Math.floor(atMs / stepMs) * stepMs === point.atMs)
      .map(({ label }) => label);
    return [
      new Date(point.atMs).toISOString(),
      new Date(point.atMs + stepMs).toISOString(),
      point.sessions,
      point.carts,
      point.paid,
      share(point.conversion),
      share(point.abandonment),
      point.orders,
      point.perMinute === null ? null : Number(point.perMinute.toFixed(3)),
      point.revenueMinor,
      point.revenueMinor === null ? null : currency,
      share(sli?.checkoutsFailed),
      share(sli?.requestsFailed),
      sli?.p95Ms,
      before.kind === 'none' ? null : before.kind,
      share(earlier?.conversion),
      share(earlier?.abandonment),
      earlier?.orders,
      earlier?.revenueMinor,
      labels.length === 0 ? null : quote(labels.join('; ')),
    ]
      .map((value) => value ?? '')
      .join(',');
  });
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

function share(value: number | null | undefined): string {
  return typeof value === 'number' ? value.toFixed(4) : '';
}

// A label begins with a letter of ours, so that no spreadsheet takes it for a formula.
function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** E.g. `business-20251124T1200Z-20251124T1215Z.csv`. */
export function nameCsv({ fromMs, toMs }: ResolvedRange): string {
  const [from, to] = [fromMs, toMs].map((ms) => `${new Date(ms).toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`);
  return `business-${from}-${to}.csv`;
}
