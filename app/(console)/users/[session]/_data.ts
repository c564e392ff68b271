import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { Sources } from '#app/_server/sources.ts';
import { type TraceRow, toTraceRow } from '#app/_server/trace-row.ts';
import { findSessionTraces } from '#telemetry/queries/traces';

export type SessionData = { traces: Loaded<TraceRow[]> };

/** As long as traces are kept at most; a session's own are found by its id alone. */
const reachMs = 7 * 86_400_000;
/** It looks at a week, every two seconds if nobody kept the answer. */
const rememberMs = 5_000;

/** A session shows so many of its traces, the newest. */
export const sessionTraces = 200;

/** The traces of one session: what its browser and the shop's first server did for it, and all behind them. */
export async function readSession({ store, clock, remember }: Sources, sessionId: string): Promise<SessionData> {
  const read = async (): Promise<TraceRow[]> => {
    const nowMs = clock();
    const span = { fromMs: nowMs - reachMs, toMs: nowMs + 60_000 };
    return (await findSessionTraces(store, { sessionId, ...span, limit: sessionTraces })).map(toTraceRow);
  };
  return { traces: await attempt(remember(`session ${sessionId}`, rememberMs, read)) };
}
