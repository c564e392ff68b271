import { createClient } from '@clickhouse/client';
import { productIdOf } from '#services/catalog/contract';
import { unfinishedStatuses } from '#services/orders/contract';
import { topology } from '#services/topology';
import { query } from '../query.ts';

export type EffectsOptions = {
  databaseUrl: (database: string) => string;
  clickhouseUrl: string;
};

/** What has to be nothing once all is quiet, by name. */
export type Differences = Record<string, number>;

type OrderRow = { order_id: string; status: string; total_minor: number; lines: { sku: string; quantity: number }[] };

/**
 * Compares the orders' log with all that followed from it, since the instance's first order: stock, the telemetry store,
 * the aggregates and messages that consumers made of events. Anything that took effect twice, or not, is a difference.
 */
export async function findDifferences(options: EffectsOptions): Promise<Differences> {
  const { databaseUrl } = options;
  const orders = await query<OrderRow>(
    databaseUrl('orders'),
    'SELECT order_id, status, total_minor, lines FROM orders',
  );
  const confirmed = orders.filter(({ status }) => status === 'confirmed');
  return {
    ...(await findUnfinished(databaseUrl)),
    ...(await compareStock(databaseUrl('inventory'), confirmed)),
    ...(await compareStored(options, orders)),
    ...(await compareAggregates(databaseUrl, orders)),
    ...(await compareMessages(databaseUrl('notifications'), confirmed)),
  };
}

/** Work that somebody has begun, or that waits to be passed on. */
async function findUnfinished(databaseUrl: (database: string) => string): Promise<Differences> {
  const count = async (database: string, from: string): Promise<number> =>
    (await query<{ n: number }>(databaseUrl(database), `SELECT count(*)::int AS n FROM ${from}`))[0]?.n ?? Number.NaN;
  const publishers = Object.entries(topology).filter(([, { database, publishes }]) => database && publishes.length > 0);
  const waiting = await Promise.all(publishers.map(([name]) => count(name, 'outbox')));
  return {
    ordersUnfinished: await count('orders', `orders WHERE status IN ('${unfinishedStatuses.join("', '")}')`),
    sagasUnfinished: await count('orders', 'saga_work'),
    reservationsHeld: await count('inventory', `reservations WHERE status = 'held'`),
    paymentsUnfinished: await count(
      'payments',
      `payments WHERE status IN ('pending', 'challenged', 'authorised', 'capturing', 'voiding')`,
    ),
    eventsNotSent: waiting.reduce((sum, n) => sum + n, 0),
  };
}

async function compareStock(inventoryUrl: string, confirmed: readonly OrderRow[]): Promise<Differences> {
  const sold = await query<{ order_id: string; sku: string; quantity: number }>(
    inventoryUrl,
    `SELECT order_id, sku, quantity FROM reservation_lines JOIN reservations USING (order_id) WHERE status = 'committed'`,
  );
  const unbalanced = await query(
    inventoryUrl,
    `SELECT stock.sku FROM stock
     LEFT JOIN reservation_lines line ON line.sku = stock.sku
     LEFT JOIN reservations r ON r.order_id = line.order_id
     GROUP BY stock.sku
     HAVING stock.on_hand + coalesce(sum(quantity) FILTER (WHERE r.status = 'committed'), 0) <> 60 + stock.received
         OR stock.reserved <> coalesce(sum(quantity) FILTER (WHERE r.status = 'held'), 0)`,
  );
  const ordered = confirmed.flatMap(({ order_id, lines }) => lines.map((line) => ({ order_id, ...line })));
  const key = (line: { order_id: string; sku: string; quantity: number }): string =>
    `${line.order_id} ${line.sku} ${line.quantity}`;
  return {
    articlesUnbalanced: unbalanced.length,
    ...oneForEach('linesNotTaken', 'linesTakenUnfounded', { wanted: ordered.map(key), found: sold.map(key) }),
  };
}

/** One event of each kind for each order, counted by the telemetry store. */
async function compareStored(options: EffectsOptions, orders: readonly OrderRow[]): Promise<Differences> {
  const client = createClient({ url: options.clickhouseUrl, database: 'bellwether' });
  const answer = await client.query({
    query: `SELECT type || ' ' || subject AS event FROM business_events FINAL WHERE type LIKE 'order.%'`,
    format: 'JSONEachRow',
  });
  const stored = (await answer.json<{ event: string }>()).map(({ event }) => event);
  await client.close();
  const wanted = orders.flatMap(({ order_id, status }) => [
    `order.placed ${order_id}`,
    ...(status === 'confirmed' || status === 'cancelled' ? [`order.${status} ${order_id}`] : []),
  ]);
  return oneForEach('eventsNotStored', 'eventsStoredTwice', { wanted, found: stored });
}

async function compareAggregates(
  databaseUrl: (database: string) => string,
  orders: readonly OrderRow[],
): Promise<Differences> {
  const [sums] = await query<Record<'placed' | 'confirmed' | 'cancelled' | 'revenue', number>>(
    databaseUrl('analytics'),
    `SELECT sum(placed)::int AS placed, sum(confirmed)::int AS confirmed, sum(cancelled)::int AS cancelled,
       sum(revenue_minor)::float8 AS revenue FROM minutes`,
  );
  const [learnt] = await query<{ n: number }>(
    databaseUrl('recommendations'),
    'SELECT coalesce(sum(orders), 0)::int AS n FROM products',
  );
  const confirmed = orders.filter(({ status }) => status === 'confirmed');
  const productsOf = (order: OrderRow): number => new Set(order.lines.map(({ sku }) => productIdOf(sku))).size;
  return {
    placedMiscounted: Math.abs((sums?.placed ?? 0) - orders.length),
    confirmedMiscounted: Math.abs((sums?.confirmed ?? 0) - confirmed.length),
    cancelledMiscounted: Math.abs(
      (sums?.cancelled ?? 0) - orders.filter(({ status }) => status === 'cancelled').length,
    ),
    revenueMiscounted: Math.abs((sums?.revenue ?? 0) - sum(confirmed.map(({ total_minor }) => total_minor))),
    learntMiscounted: Math.abs((learnt?.n ?? 0) - sum(confirmed.map(productsOf))),
  };
}

async function compareMessages(notificationsUrl: string, confirmed: readonly OrderRow[]): Promise<Differences> {
  const messages = await query<{ subject_id: string }>(
    notificationsUrl,
    `SELECT subject_id FROM messages WHERE template = 'order_confirmed'`,
  );
  const found = messages.map(({ subject_id }) => subject_id);
  return oneForEach('mailsMissing', 'mailsTooMany', { wanted: confirmed.map(({ order_id }) => order_id), found });
}

/** @returns how many of the wanted are not found, and how many are found too often or unwanted */
function oneForEach(
  missing: string,
  tooMany: string,
  { wanted, found }: { wanted: readonly string[]; found: readonly string[] },
): Differences {
  const distinct = new Set(found);
  const due = new Set(wanted);
  return {
    [missing]: wanted.filter((key) => !distinct.has(key)).length,
    [tooMany]: found.length - distinct.size + [...distinct].filter((key) => !due.has(key)).length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
