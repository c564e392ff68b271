import { setTimeout as delay } from 'node:timers/promises';
import type { BusEnv } from '#process/bus/config';
import { openBus } from '#process/bus/open';
import { type Bus, PoisonError } from '#process/bus/port';
import type { Logger } from '#process/logger';
import type { ReceiverContext } from '../receiver.ts';
import { Refusal } from '../refusal.ts';
import { toEventRow } from './cloud-event.ts';

const queue = 'collectors.events';

/** Most of a day of tries while the store is away. */
const retryLimit = 1_000;

type BusContext = Pick<ReceiverContext, 'store' | 'intake' | 'clock'> & { logger: Logger };

/** Pause before another attempt to reach the bus, ms. */
const reconnectMs = 2_000;

/**
 * Consumes the shop's events from the bus into the store; an event is done only once it is stored. A bus that is away
 * at the start is tried again and again: telemetry must not wait for it.
 * @returns how to stop: waits for the batch at hand
 */
export function consumeBus(env: BusEnv, context: BusContext): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const started = connect(env, context, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      const bus = await started;
      await bus?.stop();
    },
  };
}

async function connect(env: BusEnv, context: BusContext, stopping: AbortSignal): Promise<Bus | null> {
  while (!stopping.aborted) {
    try {
      const bus = await openBus(env, { name: 'collectors', logger: context.logger });
      await bus.consumeAll({ queue, retryLimit, handler: (message) => storeEvent(message, context) });
      return bus;
    } catch (error) {
      context.logger.warn({ err: error }, 'the bus cannot be reached yet');
      await delay(reconnectMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
  return null;
}

async function storeEvent(message: unknown, { store, intake, clock }: BusContext): Promise<void> {
  intake.received('events', JSON.stringify(message).length);
  const startedAtMs = performance.now();
  try {
    await store.appendEvents([toEventRow(message, clock())]);
    intake.accepted('events', 1, (performance.now() - startedAtMs) / 1_000);
  } catch (error) {
    const malformed = error instanceof Refusal;
    intake.refused('events', malformed ? error.reason : 'store_away');
    throw malformed ? new PoisonError(error.message) : error;
  }
}
