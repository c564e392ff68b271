import { metrics } from '@opentelemetry/api';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { CheckoutOutcome, RequestOutcome } from './shopper.ts';

export type Measures = {
  onRequest: (outcome: RequestOutcome) => void;
  onCheckout: (outcome: CheckoutOutcome) => void;
  onShed: () => void;
};

/** Counts for `/metrics` and, as OpenTelemetry metrics, for the store. */
export function createMeasures(registry: Registry, activeVisits: () => number): Measures {
  const meter = metrics.getMeter('bellwether/shoppers');
  const registers = [registry];
  const labelNames = ['outcome'];
  const requests = new Counter({ name: 'shoppers_requests_total', help: 'Requests made.', labelNames, registers });
  const checkouts = new Counter({ name: 'shoppers_checkouts_total', help: 'Checkouts tried.', labelNames, registers });
  const shed = new Counter({ name: 'shoppers_shed_total', help: 'Visits turned away: too many at once.', registers });
  new Gauge({
    ...{ name: 'shoppers_active_visits', help: 'Visits under way.', registers },
    collect() {
      this.set(activeVisits());
    },
  });
  const sent = {
    requests: meter.createCounter('shoppers.requests', { description: 'Requests made.' }),
    checkouts: meter.createCounter('shoppers.checkouts', { description: 'Checkouts tried.' }),
    shed: meter.createCounter('shoppers.shed', { description: 'Visits turned away: too many at once.' }),
  };
  meter
    .createObservableGauge('shoppers.active_visits', { description: 'Visits under way.' })
    .addCallback((result) => result.observe(activeVisits()));
  return {
    onRequest: (outcome) => {
      requests.inc({ outcome });
      sent.requests.add(1, { outcome });
    },
    onCheckout: (outcome) => {
      checkouts.inc({ outcome });
      sent.checkouts.add(1, { outcome });
    },
    onShed: () => {
      shed.inc();
      sent.shed.add(1);
    },
  };
}
