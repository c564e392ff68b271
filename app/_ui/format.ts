const locale = 'en-GB';

function fixed(value: number, digits: number): string {
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A duration in words: `0.8 ms`, `340 ms`, `1.2 s`, `1 m 20 s`, `2 h 5 m`, `3 d 4 h`. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 10) return `${fixed(ms, 1)} ms`;
  if (ms < 999.5) return `${fixed(ms, 0)} ms`;
  if (ms < 9_950) return `${fixed(ms / 1_000, 1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} m` : `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function formatAgo(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1_000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** A share of 1 in per cent: `0 %`, `0.02 %`, `4.1 %`, `87 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent >= 99.95) return `${fixed(percent, 0)} %`;
  if (percent < 0.01) return '< 0.01 %';
  return `${fixed(percent, percent < 1 ? 2 : percent < 10 ? 1 : percent > 99 ? 2 : 0)} %`;
}

/** An objective without rounding it away: 0.999 is `99.9 %`. */
export function formatObjective(objective: number): string {
  return `${(objective * 100).toLocaleString(locale, { maximumFractionDigits: 3 })} %`;
}

/** Events per second: `0.5 /s`, `20 /s`. */
export function formatRate(perSecond: number): string {
  return `${fixed(perSecond, perSecond < 10 ? (perSecond < 0.1 && perSecond > 0 ? 2 : 1) : 0)} /s`;
}

/** Money from integer minor units: `€1,234.50`. */
export function formatMoney(minor: number, currency: string): string {
  const known = /^[A-Z]{3}$/.test(currency) ? currency : 'EUR';
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: known });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}

/** Money without its minor units, as for the axis of a chart. */
export function formatWholeMoney(minor: number, currency: string): string {
  return formatMoney(minor, currency).replace(/\.\d+$/, '');
}

/** A number with one digit after the point where it has any. */
export function formatNumber(value: number): string {
  return value.toLocaleString(locale, { maximumFractionDigits: 1 });
}

/** A whole count with thousands separators. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString(locale);
}

type TimeStyle = 'exact' | 'clock' | 'minute' | 'day';

/** An instant as text; `clock` is the time of day with seconds, `minute` without; `day` has the day before the minute. */
export function formatTime(ms: number, { utc, style }: { utc: boolean; style: TimeStyle }): string {
  const day: Intl.DateTimeFormatOptions =
    style === 'exact'
      ? { year: 'numeric', month: 'short', day: 'numeric', timeZoneName: 'short' }
      : style === 'day'
        ? { month: 'short', day: 'numeric' }
        : {};
  return new Intl.DateTimeFormat(locale, {
    ...day,
    hour: '2-digit',
    minute: '2-digit',
    ...(style === 'minute' || style === 'day' ? {} : { second: '2-digit' }),
    hourCycle: 'h23',
    ...(utc ? { timeZone: 'UTC' } : {}),
  }).format(ms);
}
