import { type ResolvedRange, resolveRange, type TimeRange } from '#app/_live/time-range.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { Sources } from '#app/_server/sources.ts';
import type { ChartPoint } from '#app/_ui/time-chart.tsx';
import {
  type ExceptionGroup,
  type RumSession,
  readExceptions,
  readRecentSessions,
  readSessionsPerMinute,
  readWebVitals,
  type WebVital,
} from '#telemetry/queries/rum';
import { toSessionCourse } from './_figures.ts';

/** What users' browsers reported in the range. */
export type Users = {
  vitals: WebVital[];
  sessions: { apps: string[]; points: ChartPoint[] };
  exceptions: ExceptionGroup[];
  recent: RumSession[];
};

export type UsersData = { atMs: number; range: ResolvedRange; users: Loaded<Users> };

async function readFigures({ store }: Sources, range: ResolvedRange, toMs: number): Promise<Users> {
  // The newest reports are not in a whole step yet, but they count.
  const whole = { fromMs: range.fromMs, toMs };
  const [vitals, minutes, exceptions, recent] = await Promise.all([
    readWebVitals(store, whole),
    readSessionsPerMinute(store, whole),
    readExceptions(store, whole),
    readRecentSessions(store, whole),
  ]);
  return { vitals, sessions: toSessionCourse(minutes, range), exceptions, recent };
}

/** All that the page of real users shows. Its steps are whole minutes. */
export async function readUsers(sources: Sources, timeRange: TimeRange): Promise<UsersData> {
  const nowMs = sources.clock();
  const { fromMs, toMs, stepSeconds } = resolveRange(timeRange, nowMs);
  const stepMs = Math.max(60, stepSeconds) * 1_000;
  const range = {
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    toMs: Math.floor(toMs / stepMs) * stepMs,
    stepSeconds: stepMs / 1_000,
  };
  const untilMs = timeRange.kind === 'last' ? nowMs : toMs;
  return { atMs: nowMs, range, users: await attempt(readFigures(sources, range, untilMs)) };
}
