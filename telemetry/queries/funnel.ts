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

/** Devices of software: crawlers that say so, partners' programs. A visit with one is no person's. */
const ofSoftware = `device IN ('bot', 'api')`;

const fromTime = 'fromUnixTimestamp64Milli({from:Int64})';
const within = `time >= ${fromTime} AND time < fromUnixTimestamp64Milli({to:Int64})`;

/** Sessions at one place: how far they came by device and channel, or what they did when. */
type Tally = {
  what: 'funnel' | 'began' | 'cart' | 'paid';
  at: number;
  device: string;
  channel: string;
  sessions: number;
};

/**
 * What sessions did between two times (Unix ms), in one pass over the events. `funnel`: how far those with an event in that
 * time came in it. `steps`: when they began, first had a cart and first paid, each counted once per column, in the step
 * where it happened; software's are left out; a visit that began up to half an hour before `fromMs` does not count as begun.
 */
export async function readSessions(
  client: TelemetryClient,
  { fromMs, toMs, stepSeconds }: Steps,
): Promise<{ funnel: FunnelRow[]; steps: SessionStep[] }> {
  const query = `
    SELECT
      tally.1 AS what, toFloat64(tally.2) AS at, tally.3 AS device, tally.4 AS channel, toFloat64(count()) AS sessions
    FROM (
      SELECT arrayJoin(arrayConcat(
        if(furthest > 0, [('funnel', toInt64(furthest), first_device, first_channel)], []),
        arrayMap(
          (moment) -> (moment.1, intDiv(moment.2, {step:Int64}) * {step:Int64}, '', ''),
          arrayFilter((moment) -> moment.2 >= {from:Int64}, moments))
      )) AS tally
      FROM (
        SELECT
          maxIf(${reached}, time >= ${fromTime}) AS furthest,
          argMinIf(device, time, time >= ${fromTime} AND device != '') AS first_device,
          argMinIf(channel, time, time >= ${fromTime} AND channel != '') AS first_channel,
          [
            ('began', toUnixTimestamp64Milli(min(time))),
            ('cart', toUnixTimestamp64Milli(minIf(time, ${reached} >= 3))),
            ('paid', toUnixTimestamp64Milli(minIf(time, ${reached} >= 5)))
          ] AS moments
        FROM business_events
        WHERE time >= fromUnixTimestamp64Milli({lookBack:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
          AND session_id != ''
        GROUP BY session_id
        HAVING countIf(${ofSoftware}) = 0
      )
    )
    GROUP BY what, at, device, channel
    ORDER BY what, at, device, channel`;
  const params = { from: fromMs, to: toMs, lookBack: fromMs - lookBackMs, step: stepSeconds * 1_000 };
  const tallies = await readRows<Tally>(client, query, params);
  return { funnel: toFunnel(tallies), steps: toSteps(tallies) };
}

function toFunnel(tallies: readonly Tally[]): FunnelRow[] {
  const groups = Map.groupBy(
    tallies.filter(({ what }) => what === 'funnel'),
    ({ device, channel }) => JSON.stringify([device, channel]),
  );
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, group]) => {
      const [device = '', channel = ''] = JSON.parse(key) as string[];
      const atLeast = (step: number): number =>
        group.reduce((total, { at, sessions }) => total + (at >= step ? sessions : 0), 0);
      return {
        device,
        channel,
        browsed: atLeast(1),
        viewed: atLeast(2),
        carts: atLeast(3),
        checkouts: atLeast(4),
        paid: atLeast(5),
      };
    });
}

function toSteps(tallies: readonly Tally[]): SessionStep[] {
  const columns = { began: 'sessions', cart: 'carts', paid: 'paid' } as const;
  const steps = new Map<number, SessionStep>();
  for (const { what, at, sessions } of tallies) {
    if (what === 'funnel') continue;
    const step = steps.get(at) ?? { bucketMs: at, sessions: 0, carts: 0, paid: 0 };
    step[columns[what]] = sessions;
    steps.set(at, step);
  }
  return [...steps.values()].sort((a, b) => a.bucketMs - b.bucketMs);
}

/**
 * Confirmed orders and their money per step of time and currency; an event that was sent again counts once. A step in which
 * anything at all happened has a row of no currency without orders, so that nothing sold differs from nothing known.
 */
export function readOrderSteps(client: TelemetryClient, { fromMs, toMs, stepSeconds }: Steps): Promise<OrderStep[]> {
  const bucket = `toFloat64(intDiv(toUnixTimestamp64Milli(time), {step:Int64}) * {step:Int64}) AS bucketMs`;
  const query = `
    SELECT bucketMs, currency, toFloat64(sum(paid)) AS orders, toFloat64(sum(amount)) AS revenueMinor
    FROM (
      SELECT ${bucket}, currency, amount_minor AS amount, 1 AS paid
      FROM business_events
      WHERE ${within} AND type = 'order.confirmed'
      ORDER BY time
      LIMIT 1 BY source, id
      UNION ALL
      SELECT DISTINCT ${bucket}, '' AS currency, 0 AS amount, 0 AS paid
      FROM business_events
      WHERE ${within}
    )
    GROUP BY bucketMs, currency
    ORDER BY bucketMs, currency`;
  return readRows<OrderStep>(client, query, { from: fromMs, to: toMs, step: stepSeconds * 1_000 });
}
