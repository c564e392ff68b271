import type { PrismaClient } from '#prisma/client';
import type { Logger } from '#process/logger';
import { type ChaosCommandKind, commandParams } from './contract.ts';
import { findDrill, resolveTimes } from './drills/catalogue.ts';
import { beginDrill, type DrillDependencies } from './drills/run.ts';
import type { Controller } from './faults/controller.ts';
import type { InjectionStore } from './faults/store.ts';

export type CommandHandler = {
  /** Handles every command that waits; concurrent calls are one. */
  drain: () => Promise<void>;
  /** Cancels the drills that run and waits until their faults are undone. */
  close: () => Promise<void>;
};

type Command = { id: string; kind: string; params: unknown; author: string; createdAt: Date };

type Dependencies = {
  prisma: PrismaClient;
  injections: InjectionStore;
  controller: Controller;
  drills: DrillDependencies;
  logger: Logger;
  now: () => number;
  /** False: nothing is injected and no drill runs; undoing is always possible. */
  enabled: boolean;
};

type Running = Map<string, { abort: AbortController; finished: Promise<unknown> }>;

type Context = Dependencies & { running: Running; inOrder: <T>(work: () => Promise<T>) => Promise<T> };

/** Nobody who asked for harm this long ago still expects it. */
const staleAfterMs = 60_000;

/** Takes commands from the `ChaosCommand` table, does them and writes the answer into the row. */
export function createCommandHandler(dependencies: Dependencies): CommandHandler {
  const { prisma, logger, now } = dependencies;
  const running: Running = new Map();
  const inFlight = new Set<string>();
  const context = { ...dependencies, running, inOrder: createQueue() };
  const handle = async (command: Command): Promise<void> => {
    const answer = await perform(command, context).then(
      (result) => ({ result }),
      (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
    );
    logger.info({ command: command.id, kind: command.kind, author: command.author, ...answer }, 'command handled');
    await prisma.chaosCommand.update({ where: { id: command.id }, data: { ...answer, handledAt: new Date(now()) } });
  };
  return {
    drain: async () => {
      const waiting = await prisma.chaosCommand.findMany({ where: { handledAt: null }, orderBy: { createdAt: 'asc' } });
      for (const command of waiting.filter(({ id }) => !inFlight.has(id))) {
        inFlight.add(command.id);
        void handle(command)
          .catch((error: unknown) => logger.error({ err: error, command: command.id }, 'command not answered'))
          .finally(() => inFlight.delete(command.id));
      }
    },
    close: async () => {
      for (const { abort } of running.values()) abort.abort('the end of the chaos process');
      await Promise.allSettled([...running.values()].map(({ finished }) => finished));
    },
  };
}

async function perform(command: Command, context: Context): Promise<object> {
  const { controller, injections, running, now } = context;
  const { id, author } = command;
  if (!context.enabled && (command.kind === 'start' || command.kind === 'drill')) {
    throw new Error('chaos is off here: start with CHAOS_ENABLED=true');
  }
  switch (command.kind as ChaosCommandKind) {
    case 'start':
      return start(command, context);
    case 'drill':
      return context.inOrder(() => drill(command, context));
    case 'stop': {
      const { injectionId } = commandParams.stop.parse(command.params);
      const undoneAt = await controller.stop(injectionId, 'stopped');
      if (undoneAt === null) throw new Error(`no fault ${injectionId} is in force`);
      return {};
    }
    case 'stop-all': {
      const { hold, reason } = commandParams['stop-all'].parse(command.params);
      if (hold) await injections.pullGlobalStop(author, reason ?? null, new Date(now()));
      for (const { abort } of running.values()) abort.abort(author);
      await controller.stopAll(hold ? 'global stop' : 'stopped');
      return {};
    }
    case 'release':
      await injections.releaseGlobalStop();
      return {};
    case 'cancel-drill': {
      const { drillId } = commandParams['cancel-drill'].parse(command.params);
      const found = running.get(drillId);
      if (found === undefined) throw new Error(`no drill ${drillId} is running`);
      found.abort.abort(author);
      await found.finished;
      return {};
    }
    default:
      throw new Error(
        `${id}: no command is called '${command.kind}'; there are: ${Object.keys(commandParams).join(', ')}`,
      );
  }
}

async function start(command: Command, context: Context): Promise<{ injectionId: string }> {
  const { name, ttlSeconds, ...params } = commandParams.start.parse(command.params);
  refuseStale(command, context.now());
  // The injection bears the command's id: a command that is met again after a crash injects nothing twice.
  if ((await context.prisma.injection.count({ where: { id: command.id } })) === 0) {
    await context.controller.start({ id: command.id, name, ttlSeconds, params, author: command.author });
  }
  return { injectionId: command.id };
}

async function drill(command: Command, context: Context): Promise<{ drillId: string }> {
  const { drills, running } = context;
  const { id, author } = command;
  const { name, ...given } = commandParams.drill.parse(command.params);
  const definition = findDrill(name);
  const request = { id, author, ...resolveTimes(definition, given) };
  refuseStale(command, context.now());
  if (await drills.store.exists(id)) return { drillId: id };
  const abort = new AbortController();
  const { finished } = await beginDrill(definition, { request, dependencies: drills, signal: abort.signal });
  const watched = finished
    .catch((error: unknown) => context.logger.error({ err: error, drill: id }, 'the end of a drill is not recorded'))
    .finally(() => running.delete(id));
  running.set(id, { abort, finished: watched });
  return { drillId: id };
}

function refuseStale({ createdAt }: Command, now: number): void {
  if (now - createdAt.getTime() > staleAfterMs) throw new Error('asked more than a minute ago: ask again');
}

/** Runs one piece of work after the other. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = tail.then(work);
    tail = turn.catch(() => undefined);
    return turn;
  };
}
