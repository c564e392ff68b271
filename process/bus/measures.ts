import { metrics } from '@opentelemetry/api';

/** `pg-boss` or `kafka`: `messaging.system` of spans and metrics. */
export type BusSystem = 'pg-boss' | 'kafka';

// Names and attributes: OpenTelemetry's semantic conventions for messaging; lag and dead letters have none there yet.
const meter = metrics.getMeter('bellwether/bus');
const sent = meter.createCounter('messaging.client.sent.messages', {
  description: 'Messages that were handed to the bus.',
  unit: '{message}',
});
const consumed = meter.createCounter('messaging.client.consumed.messages', {
  description: 'Messages that were delivered to a consumer, by outcome.',
  unit: '{message}',
});
const duration = meter.createHistogram('messaging.process.duration', {
  description: 'Duration of dealing with a message.',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
});
const lag = meter.createObservableGauge('messaging.consumer.lag', {
  description: 'Messages that wait for a consumer.',
  unit: '{message}',
});

export type Outcome = 'done' | 'retried' | 'dead-lettered';

/** Counts what was published, by event type. */
export function countSent(system: BusSystem, types: readonly string[]): void {
  for (const [type, same] of Map.groupBy(types, (each) => each)) {
    sent.add(same.length, { 'messaging.system': system, 'messaging.destination.name': type });
  }
}

/** Counts a message that was dealt with or not, and how long it took in seconds. */
export function countConsumed(
  { system, queue, type }: { system: BusSystem; queue: string; type: string },
  outcome: Outcome,
  seconds: number,
): void {
  const labels = {
    'messaging.system': system,
    'messaging.consumer.group.name': queue,
    'messaging.destination.name': type,
  };
  consumed.add(1, { ...labels, outcome });
  duration.record(seconds, outcome === 'done' ? labels : { ...labels, 'error.type': outcome });
}

const measureMs = 5_000;

/**
 * Measures a consumer's lag every few seconds. While it cannot be measured none is reported.
 * @returns how to stop
 */
export function observeLag(system: BusSystem, queue: string, measure: () => Promise<number>): () => void {
  let last: number | undefined;
  const labels = { 'messaging.system': system, 'messaging.consumer.group.name': queue };
  const report = (result: { observe: (value: number, attributes: typeof labels) => void }): void => {
    if (last !== undefined) result.observe(last, labels);
  };
  lag.addCallback(report);
  const timer = setInterval(() => {
    measure().then(
      (value) => {
        last = value;
      },
      () => {
        last = undefined;
      },
    );
  }, measureMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    lag.removeCallback(report);
  };
}
