import { metrics } from '@opentelemetry/api';
import type { Pool } from 'pg';

const meter = metrics.getMeter('bellwether/database');
const unit = '{connection}';
const count = meter.createObservableUpDownCounter('db.client.connection.count', {
  description: 'Connections, by what they do.',
  unit,
});
const max = meter.createObservableUpDownCounter('db.client.connection.max', {
  description: 'Most connections at once.',
  unit,
});
const pending = meter.createObservableUpDownCounter('db.client.connection.pending_requests', {
  description: 'Who waits for a connection.',
  unit: '{request}',
});

type Observed = Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount' | 'ended' | 'options'>;

/** Makes a pool's connections visible (Semantic Conventions for databases), until it ends: looked at once per export. */
export function measurePool(pool: Observed, name: string): void {
  const labels = { 'db.client.connection.pool.name': name };
  meter.addBatchObservableCallback(
    (result) => {
      if (pool.ended) return;
      const { totalCount, idleCount, waitingCount, options } = pool;
      result.observe(count, idleCount, { ...labels, 'db.client.connection.state': 'idle' });
      result.observe(count, totalCount - idleCount, { ...labels, 'db.client.connection.state': 'used' });
      result.observe(max, options.max, labels);
      result.observe(pending, waitingCount, labels);
    },
    [count, max, pending],
  );
}
