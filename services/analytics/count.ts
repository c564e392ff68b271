import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { CloudEvent } from '#process/bus/cloud-event';
import { isSoftware } from '#services/kit/caller';
import { markSeen } from '#services/kit/inbox';
import type { AnalyticsTables } from './schema.ts';

export const queue = 'analytics.events';

type Counter = 'views' | 'carts' | 'searches' | 'placed' | 'confirmed' | 'cancelled' | 'refunded';

/** What each type of event counts as, and how far a session with it has come. */
const countersByType: Readonly<Record<string, { counter: Counter; furthest: number }>> = {
  'search.performed': { counter: 'searches', furthest: 0 },
  'product.viewed': { counter: 'views', furthest: 1 },
  'cart.updated': { counter: 'carts', furthest: 2 },
  'order.placed': { counter: 'placed', furthest: 3 },
  'order.cancelled': { counter: 'cancelled', furthest: 3 },
  'order.confirmed': { counter: 'confirmed', furthest: 4 },
  'order.refunded': { counter: 'refunded', furthest: 4 },
};

export const eventTypes = Object.keys(countersByType);

const moneySchema = z.number().int().min(0).optional();
const dataSchema = z.looseObject({
  sessionId: z.string().nullish(),
  device: z.string().nullish(),
  totalMinor: moneySchema,
  refundedMinor: moneySchema,
});

/**
 * Counts an event in the minute in which it happened, once. What crawlers and partners' programs look at is nobody's visit;
 * an order is money, whoever placed it.
 * @throws ZodError for an event that is not as agreed
 */
export async function countEvent(db: Kysely<AnalyticsTables>, event: CloudEvent): Promise<void> {
  const counted = countersByType[event.type];
  if (counted === undefined) return;
  const { sessionId, device, totalMinor = 0, refundedMinor = 0 } = dataSchema.parse(event.data);
  const { counter, furthest } = counted;
  const isOrder = furthest >= 3;
  if (isSoftware(device) && !isOrder) return;
  const revenue = counter === 'confirmed' ? totalMinor : 0;
  const refund = counter === 'refunded' ? refundedMinor : 0;
  const column = sql.ref(counter);
  await db.transaction().execute(async (trx) => {
    if (!(await markSeen(trx, queue, event.id))) return;
    await sql`
      insert into minutes (minute, ${column}, revenue_minor, refunded_minor)
      values (date_trunc('minute', ${event.time}::timestamptz), 1, ${revenue}, ${refund})
      on conflict (minute) do update set
        ${column} = minutes.${column} + 1,
        revenue_minor = minutes.revenue_minor + excluded.revenue_minor,
        refunded_minor = minutes.refunded_minor + excluded.refunded_minor`.execute(trx);
    if (typeof sessionId !== 'string' || isSoftware(device)) return;
    // Events come in any order: the earliest time and the furthest step are what counts.
    await sql`
      insert into sessions (session_id, first_at, furthest) values (${sessionId}, ${event.time}::timestamptz, ${furthest})
      on conflict (session_id) do update set
        first_at = least(sessions.first_at, excluded.first_at),
        furthest = greatest(sessions.furthest, excluded.furthest)`.execute(trx);
  });
}
