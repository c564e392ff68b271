import type { PrismaClient } from '#prisma/client';
import type { Logger } from '#process/logger';
import { syncSlos } from '../slo/sync.ts';
import type { SloSource } from '../slo/watch.ts';
import { commitChanges } from './commit.ts';
import { loadRoom } from './load.ts';
import { listQuestions, type Reading, rereadMs } from './observe.ts';
import type { Arrivals, TelemetryQueries } from './queries.ts';
import { createObjectives, type Objective, type Room } from './room.ts';
import { type Addressees, applyCommand, evaluateTick } from './tick.ts';
import { withTimeout } from './timeout.ts';

export type LoopOptions = {
  prisma: PrismaClient;
  queries: TelemetryQueries;
  slos: SloSource;
  addressees: Addressees;
  /** mean seconds between false alarms of the whole installation */
  promisedSeconds: number;
  clock: () => number;
  newId: () => string;
  logger: Logger;
  /** called after every commit, with the room that is now true */
  onCommitted: (committed: { room: Room; objectives: Objective[]; notifications: number }) => void;
  onFailed: (stage: 'slos' | 'evidence') => void;
};

export type Loop = {
  tick: () => Promise<{ behindMs: number }>;
  handleCommands: () => Promise<void>;
  /** Another process may have evaluated in between: read everything back before the next step. */
  forget: () => void;
};

const queryTimeoutMs = 5_000;
/** The store keeps what arrived lately for two hours; before that there is nothing to catch up with. */
const retentionMs = 110 * 60_000;
const chunkMs = 60_000;
/**
 * Few batches are stored later than this; they wait for the next reading of the whole `rereadMs`. So do metrics, which come
 * every few seconds.
 */
const shortRereadMs = 5_000;
const wholeEveryMs = 5_000;

/**
 * The evaluation: `tick` reads what arrived, decides, commits; `handleCommands` does what people asked. One at a time.
 * State in memory is what was committed last: a step that fails is done again from there, and after a failed commit
 * (whose outcome is unknown) the state is read back first. So nothing is counted twice and nothing is lost.
 */
export function createLoop(options: LoopOptions): Loop {
  const { prisma, queries, slos, addressees, clock, newId, logger } = options;
  let room: Room | null = null;
  let objectives: Objective[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  /** When what arrived in all of the last `rereadMs` was read. */
  let wholeReadAtMs = 0;

  async function commit(changes: Awaited<ReturnType<typeof evaluateTick>>): Promise<void> {
    try {
      await commitChanges(prisma, changes, clock());
    } catch (error) {
      room = null;
      throw error;
    }
    room = changes.after;
    for (const { from, to, reason, alertId } of changes.transitions) {
      const alert = changes.alerts.find(({ id }) => id === alertId);
      logger.info({ slo: alert?.sloId, fault: alert?.faultId, from, to, reason, detail: alert?.explanation }, 'alert');
    }
    options.onCommitted({ room, objectives, notifications: changes.notifications.length });
  }

  async function refreshSlos(): Promise<void> {
    const changed = await slos.poll(clock());
    if (changed === null) return;
    await syncSlos(prisma, changed.slos, changed.problems);
    objectives = createObjectives(changed.slos, options.promisedSeconds);
    for (const { file, line, message } of changed.problems) logger.warn({ file, line }, `SLO refused: ${message}`);
    logger.info({ slos: objectives.length, refused: changed.problems.length }, 'SLOs in force');
  }

  async function runTick(): Promise<{ behindMs: number }> {
    await refreshSlos().catch((error: unknown) => {
      options.onFailed('slos');
      throw error;
    });
    room ??= await loadRoom(prisma);
    const nowMs = clock();
    const fromMs = Math.max(room.watermarkMs ?? nowMs, nowMs - retentionMs);
    const toMs = Math.min(nowMs, fromMs + chunkMs);
    const isWhole = nowMs - wholeReadAtMs >= wholeEveryMs || toMs - fromMs > shortRereadMs;
    const arrivals = { fromArrivedMs: fromMs - (isWhole ? rereadMs : shortRereadMs), toArrivedMs: toMs };
    const questions = listQuestions(objectives);
    const reading = await read(queries, isWhole ? questions : { ...questions, selectors: [] }, arrivals);
    const moment = { nowMs, newId };
    const onEvidenceMissing = (error: unknown): void => {
      options.onFailed('evidence');
      logger.warn({ err: error }, 'no evidence for a cause: the store did not answer');
    };
    const setting = { objectives, addressees, moment };
    await commit(await evaluateTick({ room, reading, queries: limit(queries), setting, onEvidenceMissing }));
    if (isWhole) wholeReadAtMs = nowMs;
    return { behindMs: clock() - toMs };
  }

  async function runCommands(): Promise<void> {
    const commands = await prisma.alertCommand.findMany({ where: { handledAt: null }, orderBy: { createdAt: 'asc' } });
    for (const command of commands) {
      room ??= await loadRoom(prisma);
      const changes = applyCommand(room, command, { objectives, addressees, moment: { nowMs: clock(), newId } });
      await commit(changes);
      const { kind, faultId, author } = command;
      logger.info({ kind, fault: faultId, author, error: changes.handled[0]?.error }, 'command');
    }
  }

  function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const next = turn.then(run, run);
    turn = next.catch(() => undefined);
    return next;
  }

  const forget = (): void => {
    room = null;
    wholeReadAtMs = 0;
  };
  return { tick: () => inTurn(runTick), handleCommands: () => inTurn(runCommands), forget };
}

async function read(
  queries: TelemetryQueries,
  { slis, selectors }: ReturnType<typeof listQuestions>,
  arrivals: Arrivals,
): Promise<Reading> {
  const [spans, samples] = await withTimeout(
    Promise.all([
      slis.length > 0 ? queries.countSpansByBatch({ slis, ...arrivals }) : [],
      selectors.length > 0 ? queries.readRecentSamples({ selectors, ...arrivals }) : [],
    ]),
    queryTimeoutMs,
    'the telemetry store did not answer in time',
  );
  return { spans, samples, toArrivedMs: arrivals.toArrivedMs };
}

/** A page must not wait for its evidence for long. */
function limit(queries: TelemetryQueries): TelemetryQueries {
  const timely = <Params, Rows>(query: (params: Params) => Promise<Rows>) => {
    return (params: Params): Promise<Rows> => withTimeout(query(params), 2_000, 'no traces in time');
  };
  return {
    countSpansByBatch: timely(queries.countSpansByBatch),
    readRecentSamples: timely(queries.readRecentSamples),
    readErrorTraces: timely(queries.readErrorTraces),
    readSlowTraces: timely(queries.readSlowTraces),
    listSpanServices: timely(queries.listSpanServices),
  };
}
