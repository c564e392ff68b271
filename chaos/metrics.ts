import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type ChaosMetrics = {
  injections: Counter<'fault' | 'outcome'>;
  endings: Counter<'reason'>;
  renewals: Counter<'outcome'>;
  drills: Counter<'drill' | 'verdict'>;
  detection: Histogram<'drill'>;
};

/** Metrics of the chaos process. */
export function createMetrics(registry: Registry, active: () => number): ChaosMetrics {
  const registers = [registry];
  new Gauge({
    name: 'bellwether_chaos_faults_active',
    help: 'Faults that are in force now.',
    registers,
    collect() {
      this.set(active());
    },
  });
  return {
    injections: new Counter({
      name: 'bellwether_chaos_injections_total',
      help: 'Faults that were to be injected, by outcome.',
      labelNames: ['fault', 'outcome'],
      registers,
    }),
    endings: new Counter({
      name: 'bellwether_chaos_endings_total',
      help: 'Faults that ended, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    renewals: new Counter({
      name: 'bellwether_chaos_lease_renewals_total',
      help: 'Lease renewals, by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    drills: new Counter({
      name: 'bellwether_chaos_drills_total',
      help: 'Drills that ended, by verdict.',
      labelNames: ['drill', 'verdict'],
      registers,
    }),
    detection: new Histogram({
      name: 'bellwether_chaos_drill_detection_seconds',
      help: 'Time from injection to the accepted page.',
      labelNames: ['drill'],
      buckets: [2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300],
      registers,
    }),
  };
}
