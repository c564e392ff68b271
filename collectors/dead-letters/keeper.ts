import type { DeadLetters } from '#process/bus/dead-letters';
import type { Logger } from '#process/logger';
import type { LetterStore, ReplayAnswer, ReplayCommand } from './store.ts';

export type Keeper = {
  /** Looks for commands, and reads the bus again, now: something is known to have happened. */
  wake: () => void;
  /** Waits for what is at hand. */
  stop: () => Promise<void>;
};

type Options = {
  store: LetterStore;
  /** Rejects while the bus is away. */
  openLetters: () => Promise<DeadLetters>;
  /** Of several collectors only one acts. */
  isLeader: () => boolean;
  clock: () => number;
  logger: Logger;
  /** Time between two readings of the bus, ms. */
  pollMs: number;
};

/**
 * Mirrors what the consumers of the bus have given up into the control database, where the console sees it, and replays
 * what people ask for there. While the bus is away commands wait.
 */
export function keepDeadLetters(options: Options): Keeper {
  const { store, isLeader, logger, pollMs } = options;
  let letters: DeadLetters | null = null;
  let stopped = false;
  let again = Promise.withResolvers<void>();
  const turn = async (): Promise<void> => {
    letters ??= await options.openLetters();
    for (const command of await store.findWaiting()) await obey(command, letters, options);
    await store.replace(await letters.list(), options.clock());
  };
  const fail = async (error: unknown): Promise<void> => {
    logger.warn({ err: error }, 'dead letters cannot be mirrored');
    const broken = letters;
    letters = null;
    await broken?.stop().catch(() => undefined);
    // The control database may be what is away.
    await store.recordFailure(explain(error)).catch(() => undefined);
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      again = Promise.withResolvers();
      if (isLeader()) await turn().catch(fail);
      const timer = setTimeout(again.resolve, pollMs);
      await again.promise;
      clearTimeout(timer);
    }
  };
  const running = run();
  return {
    wake: () => again.resolve(),
    stop: async () => {
      stopped = true;
      again.resolve();
      await running;
      await letters?.stop();
      await store.close();
    },
  };
}

async function obey(command: ReplayCommand, letters: DeadLetters, { store, clock, logger }: Options): Promise<void> {
  const answer = await replay(command, letters).catch((error: unknown): ReplayAnswer => ({ error: explain(error) }));
  const { id, queue, author } = command;
  logger.info({ command: id, queue, author, ...answer }, 'replay handled');
  await store.answer(id, answer, clock());
}

async function replay({ queue, letterId }: ReplayCommand, letters: DeadLetters): Promise<ReplayAnswer> {
  if (!(await letters.queues()).includes(queue)) return { error: `no consumer is called ${queue}` };
  const dead = await letters.list(queue);
  const chosen = letterId === null ? dead : dead.filter(({ id }) => id === letterId);
  if (chosen.length === 0) return { error: 'it is not among the dead letters any more: it was replayed already' };
  return { replayed: await letters.replay(chosen) };
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
