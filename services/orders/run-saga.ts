import { applyEvent, type OrderEvent, type OrderState, type SagaCall } from './order.ts';
import { eventAfter, isAnswerable, lateEvent, nextStep, retryDelayMs, type SagaAnswer, type SagaStep } from './saga.ts';

/** Someone else (the request, or the recovery) has continued this order meanwhile. */
export class ConcurrentAppendError extends Error {
  override readonly name = 'ConcurrentAppendError';
}

export type SagaPorts = {
  /** State by the order's whole log; undefined when there is no such order. */
  load: (orderId: string) => Promise<OrderState | undefined>;
  /**
   * Appends after `state.version`, with the projection and the outgoing events, in one transaction.
   * @throws ConcurrentAppendError when another writer was first
   */
  append: (state: OrderState, events: readonly OrderEvent[]) => Promise<OrderState>;
  /** Asks another service, before `deadlineMs`; no usable answer is `failed`, not an exception. */
  ask: (call: SagaCall, state: OrderState, deadlineMs: number) => Promise<SagaAnswer>;
  now: () => number;
};

export type SagaOutcome =
  /** Confirmed, cancelled or left to a person; or, asked for the answer only, decided and left to take the money or to compensate. */
  | { kind: 'reached'; state: OrderState }
  /** A compensation or a capture did not succeed, or the customer is asked: look again after `delayMs`. */
  | { kind: 'later'; state: OrderState; delayMs: number };

export type SagaOptions = {
  until: 'answer' | 'end';
  deadlineMs: number;
  /** How often the order was continued before, in vain. */
  attempt: number;
  /** A compensation or a capture that fails in this attempt or a later one is left to a person. */
  lastAttempt: number;
  /** Older orders are turned back rather than confirmed. */
  finishWithinMs: number;
};

/**
 * Continues an order from its log until it ends, or (`until: 'answer'`) until its customer can be answered.
 * What was lost between two appends is asked again under the same keys.
 * @throws ConcurrentAppendError; the other writer goes on
 */
export async function runSaga(ports: SagaPorts, start: OrderState, options: SagaOptions): Promise<SagaOutcome> {
  let state = start;
  const late = lateEvent(state, { nowMs: ports.now(), finishWithinMs: options.finishWithinMs });
  let pending: OrderEvent[] = late === undefined ? [] : [late];
  for (;;) {
    const { events, stop } = recordAhead(state, pending, ports.now());
    if (events.length > 0) state = await ports.append(state, events);
    if (stop.kind === 'done') return { kind: 'reached', state };
    if (stop.kind === 'wait') return { kind: 'later', state, delayMs: Math.max(0, stop.untilMs - ports.now()) };
    if (options.until === 'answer' && isAnswerable(state)) return { kind: 'reached', state };
    const answer = await ports.ask(stop.call, state, options.deadlineMs);
    const event = eventAfter(state, answer, options.attempt) ?? giveUpEvent(stop.call, options);
    if (event === undefined) return { kind: 'later', state, delayMs: retryDelayMs(options.attempt) };
    pending = [event];
  }
}

function giveUpEvent(call: SagaCall, { attempt, lastAttempt }: SagaOptions): OrderEvent | undefined {
  return attempt < lastAttempt ? undefined : { type: 'needs_human', data: { call, attempts: attempt } };
}

/** All that can be written in one append: what just happened, and the intents up to the next call, wait or end. */
function recordAhead(
  state: OrderState,
  happened: readonly OrderEvent[],
  nowMs: number,
): { events: OrderEvent[]; stop: Exclude<SagaStep, { kind: 'record' }> } {
  const events: OrderEvent[] = [];
  let ahead = state;
  const add = (event: OrderEvent): void => {
    events.push(event);
    ahead = applyEvent(ahead, { ...event, version: ahead.version + 1, atMs: nowMs });
  };
  for (const event of happened) add(event);
  for (;;) {
    const step = nextStep(ahead);
    if (step.kind !== 'record') return { events, stop: step };
    add(step.event);
  }
}
