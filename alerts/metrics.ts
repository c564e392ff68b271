import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Objective, openAlert, type Room, statusOf } from './evaluation/room.ts';
import type { LedgerTimes } from './ledger/stages.ts';
import { stageSeconds } from './ledger/stages.ts';
import type { Delivery } from './notify/dispatcher.ts';

export type AlertsMetrics = {
  ticked: (outcome: 'ok' | 'failed', seconds: number) => void;
  failed: (stage: string) => void;
  committed: (room: Room, objectives: Objective[], nowMs: number) => void;
  delivered: (delivery: Delivery) => void;
  paged: (times: LedgerTimes) => void;
};

const prefix = 'bellwether_alerts_';

/**
 * The figures of the alerts process.
 * @param lagSeconds how far evaluation is behind now
 */
export function createMetrics(registry: Registry, lagSeconds: () => number): AlertsMetrics {
  const registers = [registry];
  const define = (name: string, help: string, labelNames: string[] = []) => ({
    name: `${prefix}${name}`,
    help,
    labelNames,
    registers,
  });
  new Gauge({
    ...define('evaluation_lag_seconds', 'Now less the arrival time up to which everything has been evaluated'),
    collect() {
      this.set(lagSeconds());
    },
  });
  const ticks = new Counter(define('ticks_total', 'Evaluations by outcome', ['outcome']));
  const duration = new Histogram({
    ...define('tick_duration_seconds', 'Time of one evaluation, from reading to commit'),
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const failures = new Counter(define('failures_total', 'What could not be done, by stage', ['stage']));
  const slos = new Gauge(define('slos', 'SLOs by status', ['status']));
  const faults = new Gauge(define('faults', 'Open faults by state', ['state']));
  const deliveries = new Counter(
    define('notifications_total', 'Attempts to notify', ['receiver', 'status', 'outcome']),
  );
  const stages = new Histogram({
    ...define('page_stage_seconds', 'Seconds from the estimated onset of a fault to each stage of its page', ['stage']),
    buckets: [1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300],
  });
  return {
    ticked: (outcome, seconds) => {
      ticks.inc({ outcome });
      if (outcome === 'ok') duration.observe(seconds);
    },
    failed: (stage) => failures.inc({ stage }),
    committed: (room, objectives, nowMs) => {
      const counts = new Map<string, number>([...['unknown', 'ok', 'pending', 'firing'].map((s) => [s, 0] as const)]);
      for (const { slo } of objectives) {
        const runtime = room.slos[slo.id];
        const status = runtime === undefined ? 'unknown' : statusOf(runtime, openAlert(room, slo.id), nowMs);
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
      for (const [status, count] of counts) slos.set({ status }, count);
      for (const state of ['firing', 'acknowledged'] as const) {
        faults.set({ state }, room.faults.filter((fault) => fault.state === state).length);
      }
    },
    delivered: ({ receiver, status, outcome }) => deliveries.inc({ receiver, status, outcome }),
    paged: (times) => {
      for (const { stage, seconds } of stageSeconds(times)) stages.observe({ stage }, seconds);
    },
  };
}
