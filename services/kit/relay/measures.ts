import { metrics } from '@opentelemetry/api';
import type { CloudEvent } from '#process/bus/cloud-event';
import type { RelayMode } from './relay.ts';

const meter = metrics.getMeter('bellwether/relay');
const modes: readonly RelayMode[] = ['polling', 'streaming', 'standby'];
const modeGauge = meter.createObservableGauge('outbox.relay.mode', { description: '1 for the mode that is in force.' });
const delay = meter.createHistogram('outbox.relay.delay', {
  description: 'From the time of an event until it is on the bus.',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60] },
});

/** Makes the mode of a relay and the delay of its events visible, until `end`. */
export function observeRelay(mode: () => RelayMode): {
  published: (events: readonly CloudEvent[], mode: RelayMode) => void;
  end: () => void;
} {
  const observe: Parameters<typeof modeGauge.addCallback>[0] = (result) => {
    for (const each of modes) result.observe(each === mode() ? 1 : 0, { mode: each });
  };
  modeGauge.addCallback(observe);
  return {
    published: (events, now) => {
      for (const { time } of events) delay.record(Math.max(0, Date.now() - Date.parse(time)) / 1_000, { mode: now });
    },
    end: () => modeGauge.removeCallback(observe),
  };
}
