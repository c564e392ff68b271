import type { Cause } from './cause.ts';

/** How much of what was tried failed. */
export type Share = { bad: number; events: number };

const causePhrases: Record<Cause['symptom'], (service: string) => string> = {
  errors: (service) => `${service} answers with errors`,
  'no answer': (service) => `${service} does not answer in time`,
  unreachable: (service) => `${service} cannot be reached`,
  slow: (service) => `${service} is slow`,
  unknown: (service) => `look at ${service} first (no trace says more)`,
};

/**
 * One plain sentence for whoever has just been woken: what customers suffer, how bad, since when, the likely cause.
 * "Checkout fails in 9 of 10 tries since 14:03:22 UTC: payments answers with errors."
 * @param sinceMs onset, ms since the epoch
 */
export function summarise({
  cause,
  share,
  sinceMs,
  alertingService,
  slowerThanMs,
}: {
  cause: Cause;
  share: Share;
  sinceMs: number;
  alertingService: string;
  /** set when slowness, not failure, is what customers suffer */
  slowerThanMs: number | null;
}): string {
  const what = nameOperation(cause.entry, alertingService);
  const many = /[^s]s$/.test(what) && cause.entry !== null;
  const suffers = slowerThanMs === null ? (many ? 'fail' : 'fails') : many ? 'are slow' : 'is slow';
  const detail = slowerThanMs === null ? '' : ` (over ${formatDuration(slowerThanMs)})`;
  const since = new Date(sinceMs).toISOString().slice(11, 19);
  return `${what} ${suffers} ${nameShare(share)}${detail} since ${since} UTC: ${causePhrases[cause.symptom](cause.service)}.`;
}

/** "38 of 41 events were bad in 6 s; the objective allows 10 in 1,000." */
export function explain({
  good,
  bad,
  seconds,
  objective,
  slowerThanMs,
}: {
  good: number;
  bad: number;
  seconds: number;
  objective: number;
  slowerThanMs: number | null;
}): string {
  const verdict = slowerThanMs === null ? 'failed' : `took longer than ${formatDuration(slowerThanMs)}`;
  const allowed = Number(((1 - objective) * 1_000).toPrecision(3)).toLocaleString('en-GB');
  const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
  return `${count(bad)} of ${count(good + bad)} ${verdict} in ${Math.max(1, Math.round(seconds))} s; the objective allows ${allowed} in 1,000`;
}

/** `/api/checkout` → "Checkout": the last part of the route that is not a parameter. */
function nameOperation(entry: Cause['entry'], fallback: string): string {
  if (entry === null) return fallback;
  const parts = entry.route.split('/').filter((part) => /^[a-z]/i.test(part) && part !== 'api');
  const last = parts.at(-1);
  if (last === undefined) return entry.service;
  const words = last.replaceAll(/[-_]/g, ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function nameShare({ bad, events }: Share): string {
  const share = events > 0 ? bad / events : 0;
  if (share >= 0.97) return 'in every try';
  if (share >= 0.095) return `in ${Math.round(share * 10)} of 10 tries`;
  return `in ${Math.max(1, Math.round(share * 100))} of 100 tries`;
}

function formatDuration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${Number((milliseconds / 1_000).toFixed(1))} s`;
}
