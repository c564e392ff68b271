import type { Logger } from '#process/logger';
import type { CommandHandler } from './commands.ts';
import type { DrillStore } from './drills/store.ts';
import type { Controller } from './faults/controller.ts';

export type ChaosService = {
  /** Connected to the database with the controller's lock, or notified of a command. */
  wake: () => void;
  readiness: () => { ready: boolean; reason?: string };
  close: () => Promise<void>;
};

type Options = {
  controller: Controller;
  commands: CommandHandler;
  drills: Pick<DrillStore, 'closeAbandoned'>;
  logger: Logger;
  /** Only one controller acts at a time. */
  isLeader: () => boolean;
};

const tickMs = 500;
/** Commands are notified; looking for them again is for notifications that were lost. */
const pollMs = 2_000;

/** The heartbeat: sweeps first, then leases, expiry and commands. */
export function createService({ controller, commands, drills, logger, isLeader }: Options): ChaosService {
  let swept: Promise<void> | null = null;
  let isSwept = false;
  const sweep = async (): Promise<void> => {
    try {
      await controller.sweep();
      await drills.closeAbandoned();
      isSwept = true;
    } catch (error) {
      swept = null;
      throw error;
    }
  };
  const work = async (): Promise<void> => {
    if (!isLeader()) return;
    swept ??= sweep();
    await swept;
    await commands.drain();
  };
  const wake = (): void => {
    work().catch((error: unknown) => logger.warn({ err: error }, 'commands cannot be read'));
  };
  const ticking = setInterval(() => void controller.tick(), tickMs);
  let polling: NodeJS.Timeout | null = null;
  return {
    wake: () => {
      polling ??= setInterval(wake, pollMs);
      wake();
    },
    readiness: () => (isSwept ? { ready: true } : { ready: false, reason: 'undoing what an earlier run has left' }),
    close: async () => {
      if (polling !== null) clearInterval(polling);
      await commands.close();
      await controller.stopAll('controller stopped');
      clearInterval(ticking);
    },
  };
}
