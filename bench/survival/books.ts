import { unfinishedStatuses } from '#services/orders/contract';
import { query } from '../query.ts';
import type { Purchase } from './checkouts.ts';

export type BooksCount = {
  purchases: number;
  /** Acknowledged to the buyer, and not a confirmed order. */
  ordersLost: number;
  /** More than one order for one idempotency key. */
  ordersDoubled: number;
  /** Orders (anybody's) that are still neither confirmed nor cancelled. */
  ordersUnfinished: number;
  confirmed: number;
  /** Confirmed orders without the captured charge, in the right amount, in the acquirer's books. */
  chargesLost: number;
  /** Orders with more than one charge that was kept. */
  chargesDoubled: number;
  /** Charges that were kept although their order was not confirmed. */
  chargesUnfounded: number;
  /** What the bank still holds of orders that have come to their end, one way or the other. */
  holdsForgotten: number;
};

const unfinished: ReadonlySet<string> = new Set(unfinishedStatuses);

/** Compares what buyers were told, what orders recorded and what the acquirer booked since `since`. */
export async function countBooks(options: {
  ordersUrl: string;
  paymentsUrl: string;
  purchases: readonly Purchase[];
  since: Date;
  /** Shoppers go on buying: orders placed later may rightly be under way. */
  until: Date;
}): Promise<BooksCount> {
  const orders = await query<{ order_id: string; status: string; total_minor: number }>(
    options.ordersUrl,
    'SELECT order_id, status, total_minor FROM orders WHERE placed_at BETWEEN $1 AND $2',
    [options.since, options.until],
  );
  const keys = await query<{ idempotency_key: string; orders: number }>(
    options.ordersUrl,
    'SELECT idempotency_key, count(*)::int AS orders FROM checkouts WHERE idempotency_key = ANY($1) GROUP BY 1',
    [options.purchases.map(({ key }) => key)],
  );
  const charges = await query<{ order_id: string; amount_minor: number }>(
    options.paymentsUrl,
    `SELECT p.order_id, c.amount_minor FROM payments p JOIN acquirer.charges c ON c.key = p.payment_id
     LEFT JOIN acquirer.refunds r ON r.key = c.key
     WHERE c.captured_at IS NOT NULL AND r.key IS NULL AND c.at >= $1`,
    [options.since],
  );
  const holds = await query<{ order_id: string }>(
    options.paymentsUrl,
    `SELECT p.order_id FROM payments p JOIN acquirer.charges c ON c.key = p.payment_id
     WHERE c.outcome = 'approved' AND c.captured_at IS NULL AND c.voided_at IS NULL AND c.at >= $1`,
    [options.since],
  );
  const byOrder = Map.groupBy(charges, (charge) => charge.order_id);
  const confirmed = orders.filter(({ status }) => status === 'confirmed');
  const confirmedIds = new Set(confirmed.map(({ order_id }) => order_id));
  const knownIds = new Set(orders.map(({ order_id }) => order_id));
  return {
    purchases: options.purchases.length,
    ordersLost: options.purchases.filter(({ orderId }) => orderId !== null && !confirmedIds.has(orderId)).length,
    ordersDoubled: keys.filter((row) => row.orders > 1).length,
    ordersUnfinished: orders.filter(({ status }) => unfinished.has(status)).length,
    confirmed: confirmed.length,
    chargesLost: confirmed.filter(
      (order) => !byOrder.get(order.order_id)?.some((charge) => charge.amount_minor === order.total_minor),
    ).length,
    chargesDoubled: [...byOrder.values()].filter((kept) => kept.length > 1).length,
    chargesUnfounded: charges.filter(({ order_id }) => knownIds.has(order_id) && !confirmedIds.has(order_id)).length,
    holdsForgotten: holds.filter(({ order_id }) => knownIds.has(order_id)).length,
  };
}

export type AlertsCount = {
  faults: number;
  /** Faults whose page or its resolution never reached the pager. */
  pagesLost: number;
  pagesDoubled: number;
  transitions: number;
  /** Alerts whose state is not where their last transition led, or whose transitions do not join up. */
  transitionsLost: number;
  transitionsDoubled: number;
};

/** Checks the alerts' durable log since `since`: each alert a gapless chain, each fault one page and one resolution. */
export async function countAlerts(databaseUrl: string, since: Date): Promise<AlertsCount> {
  const faults = await query<{ id: string; state: string; firing: number; resolved: number }>(
    databaseUrl,
    `SELECT f.id, f.state,
       (SELECT count(*) FROM alerts."Page" p WHERE p."faultId" = f.id AND p.status = 'firing')::int AS firing,
       (SELECT count(*) FROM alerts."Page" p WHERE p."faultId" = f.id AND p.status = 'resolved')::int AS resolved
     FROM alerts."Fault" f WHERE f."firingAt" >= $1`,
    [since],
  );
  const alerts = await query<{ id: string; state: string; steps: { from: string; to: string }[] }>(
    databaseUrl,
    `SELECT a.id, a.state, coalesce(json_agg(json_build_object('from', t."from", 'to', t."to") ORDER BY t.id)
       FILTER (WHERE t.id IS NOT NULL), '[]') AS steps
     FROM alerts."Alert" a LEFT JOIN alerts."Transition" t ON t."alertId" = a.id
     WHERE a."pendingAt" >= $1 GROUP BY a.id, a.state`,
    [since],
  );
  return {
    faults: faults.length,
    pagesLost: faults.filter((fault) => fault.firing < 1 || (fault.state === 'resolved' && fault.resolved < 1)).length,
    pagesDoubled: faults.filter((fault) => fault.firing > 1 || fault.resolved > 1).length,
    transitions: alerts.reduce((sum, { steps }) => sum + steps.length, 0),
    transitionsLost: alerts.filter(({ state, steps }) => !isChain(steps, state)).length,
    transitionsDoubled: alerts.filter(
      ({ steps }) => new Set(steps.map((step) => `${step.from} ${step.to}`)).size < steps.length,
    ).length,
  };
}

function isChain(steps: readonly { from: string; to: string }[], state: string): boolean {
  return steps.at(-1)?.to === state && steps.every((step, index) => index === 0 || steps[index - 1]?.to === step.from);
}
