import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from '#process/logger';
import { type CloudEvent, cloudEventSchema } from './cloud-event.ts';
import { type BusSystem, countConsumed } from './measures.ts';
import { type ConsumeOptions, PoisonError } from './port.ts';

const tracer = trace.getTracer('bellwether/bus');

export type Delivery = {
  system: BusSystem;
  queue: string;
  /** How the bus calls it. */
  id: string;
  message: unknown;
  /** Failures before this one. */
  failures: number;
  retryLimit: number;
};

export type Verdict = { kind: 'done' } | { kind: 'retry' | 'dead'; reason: string };

/**
 * Has a message dealt with, in a span that continues the trace of the change that it tells of.
 * @returns what the bus is to do with it; never rejects
 */
export async function processMessage(
  delivery: Delivery,
  handler: (message: unknown) => Promise<void>,
  logger: Logger,
): Promise<Verdict> {
  const { system, queue, id, message, failures, retryLimit } = delivery;
  const { type, traceparent } = readAttributes(message);
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent });
  const span = tracer.startSpan(
    `process ${type}`,
    { kind: SpanKind.CONSUMER, attributes: attributesOf(delivery, type) },
    parent,
  );
  const startedAtMs = performance.now();
  const verdict = await context.with(trace.setSpan(parent, span), async (): Promise<Verdict> => {
    try {
      await handler(message);
      return { kind: 'done' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const kind = error instanceof PoisonError || failures >= retryLimit ? 'dead' : 'retry';
      span.recordException(error instanceof Error ? error : reason);
      span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
      if (kind === 'dead') logger.error({ err: error, queue, id }, 'event not handled: dead-lettered');
      else logger.warn({ err: error, queue, id, failures: failures + 1 }, 'event not handled: it will be tried again');
      return { kind, reason };
    }
  });
  span.end();
  const outcome = ({ done: 'done', retry: 'retried', dead: 'dead-lettered' } as const)[verdict.kind];
  countConsumed({ system, queue, type }, outcome, (performance.now() - startedAtMs) / 1_000);
  return verdict;
}

function attributesOf({ system, queue, id }: Delivery, type: string): Record<string, string> {
  return {
    'messaging.system': system,
    'messaging.operation.type': 'process',
    'messaging.destination.name': queue,
    'messaging.message.id': id,
    'cloudevents.event_type': type,
  };
}

function readAttributes(message: unknown): { type: string; traceparent: string | undefined } {
  const { type, traceparent } = typeof message === 'object' && message !== null ? (message as Partial<CloudEvent>) : {};
  return {
    type: typeof type === 'string' ? type : 'unknown',
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  };
}

/** A handler of events as one of messages: what is no event is poison. */
export function eventsOnly(handler: ConsumeOptions['handler']): (message: unknown) => Promise<void> {
  return async (message) => {
    const parsed = cloudEventSchema.safeParse(message);
    if (!parsed.success) throw new PoisonError(`not a CloudEvent: ${parsed.error.message}`);
    await handler(parsed.data);
  };
}
