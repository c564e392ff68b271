import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

/**
 * Sessions of one device and channel ('' when no event named it) by how far they came. A session is counted once, at
 * its furthest step and at every step before it, so that no step has more sessions than the one before.
 */
export type FunnelRow = {
  device: string;
  channel: string;
  /** Any event at all. Looking at lists of products leaves no event. */
  browsed: number;
  viewed: number;
  carts: number;
  /** An order was placed. */
  checkouts: number;
  /** An order was confirmed: paid, its stock committed. */
  paid: number;
};

/** Sessions that began, put something into a cart and paid first in a step of time; steps without any are absent. */
export type SessionStep = { bucketMs: number; sessions: number; carts: number; paid: number };

/** Confirmed orders of one currency in a step of time. Money is in minor units. */
export type OrderStep = { bucketMs: number; currency: string; orders: number; revenueMinor: number };

type Steps = { fromMs: number; toMs: number; stepSeconds: number };

/** Longest visit that is recognised as having begun before the asked time. */
const lookBackMs = 30 * 60_000;

const reached = `multiIf(
  type = 'order.confirmed', 5,
  type IN ('order.placed', 'order.cancelled', 'cart.checked_out'), 4,
  type = 'cart.updated', 3,
  type = 'product.viewed', 2,
  1)`;

/** How far the sessions with an event between two times (Unix ms) came in that time. */
export function readFunnel(
  client: TelemetryClient,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<FunnelRow[]> {
  const query = `
    SELECT
      device, channel,
      toFloat64(count()) AS browsed,
      toFloat64(countIf(furthest >= 2)) AS viewed,
      toFloat64(countIf(furthest >= 3)) AS carts,
      toFloat64(countIf(furthest >= 4)) AS checkouts,
      toFloat64(countIf(furthest >= 5)) AS paid
    FROM (
      SELECT
        session_id,
        max(${reached}) AS furthest,
        argMinIf(events.device, time, events.device != '') AS device,
        argMinIf(events.channel, time, events.channel != '') AS channel
      FROM business_events AS events
      WHERE time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
        AND session_id != ''
      GROUP BY session_id
    )
    GROUP BY device, channel
    ORDER BY device, channel`;
  return readRows<FunnelRow>(client, query, { from: fromMs, to: toMs });
}

/**
 * When sessions began, first had a cart and first paid. Each session is counted once per column, in the step of time
 * where it happened; a visit that began up to half an hour before `fromMs` does not count as begun.
 */
export function readSessionSteps(
  client: TelemetryClient,
  { fromMs, toMs, stepSeconds }: Steps,
): Promise<SessionStep[]> {
  const query = `
    SELECT
      toFloat64(intDiv(atMs, {step:Int64}) * {step:Int64}) AS bucketMs,
      toFloat64(countIf(what = 'began')) AS sessions,
      toFloat64(countIf(what = 'cart')) AS carts,
      toFloat64(countIf(what = 'paid')) AS paid
    FROM (
      SELECT
        toUnixTimestamp64Milli(min(time)) AS beganMs,
        toUnixTimestamp64Milli(minIf(time, ${reached} >= 3)) AS cartMs,
        toUnixTimestamp64Milli(minIf(time, ${reached} >= 5)) AS paidMs
      FROM business_events
      WHERE time >= fromUnixTimestamp64Milli({lookBack:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
        AND session_id != ''
      GROUP BY session_id
    )
    ARRAY JOIN ['began', 'cart', 'paid'] AS what, [beganMs, cartMs, paidMs] AS atMs
    WHERE atMs >= {from:Int64}
    GROUP BY bucketMs
    ORDER BY bucketMs`;
  const params = { from: fromMs, to: toMs, lookBack: fromMs - lookBackMs, step: stepSeconds * 1_000 };
  return readRows<SessionStep>(client, query, params);
}

/** Confirmed orders and their money per step of time and currency; an event that was sent again counts once. */
export function readOrderSteps(client: TelemetryClient, { fromMs, toMs, stepSeconds }: Steps): Promise<OrderStep[]> {
  const query = `
    SELECT
      toFloat64(intDiv(toUnixTimestamp64Milli(time), {step:Int64}) * {step:Int64}) AS bucketMs,
      currency,
      toFloat64(count()) AS orders,
      toFloat64(sum(amount_minor)) AS revenueMinor
    FROM (
      SELECT time, currency, amount_minor
      FROM business_events
      WHERE time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
        AND type = 'order.confirmed'
      ORDER BY time
      LIMIT 1 BY source, id
    )
    GROUP BY bucketMs, currency
    ORDER BY bucketMs, currency`;
  return readRows<OrderStep>(client, query, { from: fromMs, to: toMs, step: stepSeconds * 1_000 });
}
