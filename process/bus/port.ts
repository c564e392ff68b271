import type { CloudEvent } from './cloud-event.ts';

/** What carries the shop's events from who publishes them to who consumes them. */
export type Bus = {
  /**
   * Hands events to every consumer of their type.
   * @throws when they were not, or not known to be, taken: publish them again, consumers know a second delivery
   */
  publish: (events: readonly CloudEvent[]) => Promise<void>;
  /** Calls the handler for each event of the types. */
  consume: (options: ConsumeOptions) => Promise<void>;
  /** Calls the handler for everything that is published, of whatever type and form. */
  consumeAll: (options: ConsumeAllOptions) => Promise<void>;
  stop: () => Promise<void>;
};

/** A handler that rejects is called again with back-off, in the end the event is dead-lettered with the last reason. */
type Handled<Message> = {
  /** Name of the consumer: its instances share the events between them. */
  queue: string;
  /** Delivered at least once, and in whatever order after a failure: be idempotent. */
  handler: (message: Message) => Promise<void>;
};

export type ConsumeOptions = Handled<CloudEvent> & { types: readonly string[] };

export type ConsumeAllOptions = Handled<unknown> & {
  /** Repetitions before a message is given up, with a minute between the later ones. */
  retryLimit: number;
};

/** Repetitions before an event is given up: the last comes about two minutes after the first. */
export const defaultRetryLimit = 8;

/** Thrown by a handler that will never be able to deal with a message: it is dead-lettered at once. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError';
}

/** Pause before repetition `attempt` (1 is the first), in milliseconds: doubles from a second to a minute. */
export function retryDelayMs(attempt: number): number {
  return Math.min(60_000, 1_000 * 2 ** (attempt - 1));
}
