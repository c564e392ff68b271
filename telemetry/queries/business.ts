import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

/** One minute of business. Money is in minor units of `currency` ('' when no money was seen in that minute). */
export type BusinessMinute = {
  minuteMs: number;
  ordersPlaced: number;
  ordersConfirmed: number;
  revenueMinor: number;
  currency: string;
  productViews: number;
  /** Sessions that changed a cart. */
  carts: number;
};

/** What happened per minute between two times (Unix ms), from the shop's events; minutes without events are absent. */
export function readBusinessPerMinute(
  client: TelemetryClient,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<BusinessMinute[]> {
  const query = `
    SELECT
      toFloat64(toUnixTimestamp(toStartOfMinute(toDateTime(time)))) * 1000 AS minuteMs,
      toFloat64(countIf(type = 'order.placed')) AS ordersPlaced,
      toFloat64(countIf(type = 'order.confirmed')) AS ordersConfirmed,
      toFloat64(sumIf(amount_minor, type = 'order.confirmed')) AS revenueMinor,
      anyIf(currency, currency != '') AS currency,
      toFloat64(countIf(type = 'product.viewed')) AS productViews,
      toFloat64(uniqExactIf(if(session_id != '', session_id, subject), type = 'cart.updated')) AS carts
    FROM business_events
    WHERE time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
    GROUP BY minuteMs
    ORDER BY minuteMs`;
  return readRows<BusinessMinute>(client, query, { from: fromMs, to: toMs });
}
