import { setTimeout as delay } from 'node:timers/promises';
import type { BusEnv } from '#process/bus/config';
import { openDeadLetters } from '#process/bus/open';
import type { Logger } from '#process/logger';
import { listenToPostgres } from '#process/postgres-listener';
import { keepDeadLetters } from './keeper.ts';
import { openLetterStore } from './store.ts';

/** On Kafka each reading joins a group per queue: not to be done all the time. */
const pollMs = 10_000;

/**
 * Keeps the control database's mirror of the bus's dead letters, as long as no other collectors do.
 * @returns how to stop: waits for what is at hand
 */
export function watchDeadLetters(
  env: BusEnv,
  { databaseUrl, clock, logger }: { databaseUrl: string; clock: () => number; logger: Logger },
): { stop: () => Promise<void> } {
  const listener = listenToPostgres({
    databaseUrl,
    lock: 'bellwether dead letters',
    channels: ['replay_commands'],
    onNotification: () => keeper.wake(),
    logger,
    sleep: (ms) => delay(ms),
  });
  const keeper = keepDeadLetters({
    store: openLetterStore(databaseUrl),
    openLetters: () => openDeadLetters(env, { name: 'collectors', logger }),
    isLeader: () => listener.connected(),
    clock,
    logger,
    pollMs,
  });
  return {
    stop: async () => {
      await keeper.stop();
      await listener.close();
    },
  };
}
