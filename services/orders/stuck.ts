import { metrics } from '@opentelemetry/api';
import { type Kysely, sql } from 'kysely';
import type { OrdersDatabase } from './schema.ts';

const meter = metrics.getMeter('bellwether/orders');
const stuck = meter.createGauge('orders.stuck', { description: 'Orders that do not go on without a person.' });
const checks = meter.createCounter('orders.stuck.checks', {
  description: 'Looks at whether any order is stuck, about one a second, by what was found.',
});

/**
 * Counts the orders that wait for a person, and those which the recovery cannot even read. A look a second, good or bad, is
 * a ratio that an SLO can be made of: a single stuck order makes every look a bad one, and nothing else makes any.
 */
export async function countStuck(db: Kysely<OrdersDatabase>, lastAttempt: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT ((SELECT count(*) FROM orders WHERE status = 'needs_human')
      + (SELECT count(*) FROM saga_work WHERE attempts > ${lastAttempt}))::int AS count`.execute(db);
  const count = rows[0]?.count ?? 0;
  stuck.record(count);
  checks.add(1, { found: count === 0 ? 'none' : 'some' });
  return count;
}
