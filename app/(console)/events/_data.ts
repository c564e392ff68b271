import { type ResolvedRange, resolveRange, type TimeRange } from '#app/_live/time-range.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { Sources } from '#app/_server/sources.ts';
import type { ChartPoint } from '#app/_ui/time-chart.tsx';
import { readConsumerLag, readMessageCounts, readProcessingTimes } from '#telemetry/queries/messaging';
import { type Consumer, type EventType, toConsumers, toEventTypes, toLagCourse, toMessageCourse } from './_figures.ts';

/** An event that a consumer gave up; `event` is JSON text, indented where it is whole. */
export type Letter = {
  id: string;
  queue: string;
  reason: string;
  attempts: number;
  diedAtMs: number;
  type: string | null;
  event: string;
};

export type DeadQueue = { queue: string; count: number; oldest: Letter[] };

export type ReplayRow = {
  id: string;
  queue: string;
  all: boolean;
  author: string;
  createdAtMs: number;
  handled: boolean;
  replayed: number | null;
  error: string | null;
};

export type DeadMail = {
  queues: DeadQueue[];
  replays: ReplayRow[];
  /** When the bus was last read, and why it has not been since; null: never. */
  reading: { atMs: number | null; error: string | null } | null;
};

export type Traffic = {
  messages: ChartPoint[];
  lag: { queues: string[]; points: ChartPoint[]; others: number };
  consumers: Consumer[];
  types: EventType[];
};

export type EventsData = { atMs: number; range: ResolvedRange; traffic: Loaded<Traffic>; dead: Loaded<DeadMail> };

/** Letters of a queue that are shown. */
const mostShown = 20;
/** For the ranges whose answers change slowly and cost much. */
const rememberMs = 15_000;
const longRangeSeconds = 60;

async function readTraffic({ store, remember, clock }: Sources, range: ResolvedRange): Promise<Traffic> {
  const read = async (): Promise<Traffic> => {
    const [counts, lags, times] = await Promise.all([
      readMessageCounts(store, range),
      readConsumerLag(store, range),
      readProcessingTimes(store, range),
    ]);
    return {
      messages: toMessageCourse(counts, range, clock()),
      lag: toLagCourse(lags, range),
      consumers: toConsumers(counts, lags, times),
      types: toEventTypes(counts, range),
    };
  };
  if (range.stepSeconds < longRangeSeconds) return read();
  return remember(`events ${range.fromMs} ${range.toMs}`, rememberMs, read);
}

async function readDead({ prisma }: Sources): Promise<DeadMail> {
  const [counts, replays, reading] = await Promise.all([
    prisma.deadLetter.groupBy({ by: ['queue'], _count: true, orderBy: { queue: 'asc' } }),
    prisma.replayCommand.findMany({ orderBy: { createdAt: 'desc' }, take: 20 }),
    prisma.busReading.findUnique({ where: { id: 1 } }),
  ]);
  const queues = counts.map(async ({ queue, _count: count }): Promise<DeadQueue> => {
    const letters = await prisma.deadLetter.findMany({
      where: { queue },
      orderBy: [{ diedAt: 'asc' }, { id: 'asc' }],
      take: mostShown,
    });
    return { queue, count, oldest: letters.map(toLetter) };
  });
  return {
    queues: await Promise.all(queues),
    replays: replays.map(({ createdAt, handledAt, letterId, ...row }) => ({
      ...row,
      all: letterId === null,
      createdAtMs: createdAt.getTime(),
      handled: handledAt !== null,
    })),
    reading: reading === null ? null : { atMs: reading.readAt?.getTime() ?? null, error: reading.error },
  };
}

function toLetter({
  diedAt,
  event,
  ...row
}: Awaited<ReturnType<Sources['prisma']['deadLetter']['findMany']>>[number]): Letter {
  const parsed = parseEvent(event);
  const type = typeof parsed === 'object' && parsed !== null && 'type' in parsed ? parsed.type : null;
  return {
    ...row,
    diedAtMs: diedAt.getTime(),
    type: typeof type === 'string' ? type : null,
    event: parsed === undefined ? `${event}…` : JSON.stringify(parsed, null, 2),
  };
}

/** Undefined when it was too long to be kept whole. */
function parseEvent(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** All that the page of events shows. */
export async function readEvents(sources: Sources, timeRange: TimeRange): Promise<EventsData> {
  const nowMs = sources.clock();
  const range = resolveRange(timeRange, nowMs);
  const [traffic, dead] = await Promise.all([attempt(readTraffic(sources, range)), attempt(readDead(sources))]);
  return { atMs: nowMs, range, traffic, dead };
}
