import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { signWebhook } from '#services/kit/webhook';
import type { PaymentsDatabase } from '../schema.ts';

type Db = Kysely<PaymentsDatabase>;
type Delivery = Selectable<PaymentsDatabase['acquirer.deliveries']>;

export type Notification = {
  type: 'charge.settled' | 'dispute.opened' | 'dispute.closed';
  data: { key: string; amountMinor: number; outcome?: 'won' | 'lost' };
};

/** Writes down, in the transaction of what it is about, what is to be told `afterMs` later. */
export async function notify(
  db: Db,
  { type, data }: Notification,
  { now, afterMs }: { now: Date; afterMs: number },
): Promise<void> {
  const dueAt = new Date(now.getTime() + afterMs);
  const body = JSON.stringify({ type, timestamp: dueAt.toISOString(), data });
  const row = { webhook_id: `msg_${randomUUID()}`, body, next_attempt_at: dueAt, attempts: 0, delivered: false };
  await db.insertInto('acquirer.deliveries').values(row).execute();
}

/** About a day of tries: doubles from 2 s to at most an hour. */
const lastAttempt = 30;

function retryDelayMs(attempts: number): number {
  return Math.min(3_600_000, 1_000 * 2 ** attempts);
}

export type DeliverOptions = { db: Db; url: string; secret: string; now: () => Date };

/**
 * Sends what is due, oldest first, until each was accepted (any 2xx); what was not is sent again, under the same id and
 * signed anew.
 */
export async function deliverDue({ db, url, secret, now }: DeliverOptions): Promise<void> {
  const due = await db
    .selectFrom('acquirer.deliveries')
    .selectAll()
    .where('delivered', '=', false)
    .where('attempts', '<', lastAttempt)
    .where('next_attempt_at', '<=', now())
    .orderBy('next_attempt_at')
    .limit(20)
    .execute();
  for (const delivery of due) {
    const delivered = await send(delivery, { url, secret, now: now() });
    const attempts = delivery.attempts + 1;
    const next = new Date(now().getTime() + retryDelayMs(attempts));
    await db
      .updateTable('acquirer.deliveries')
      .set({ delivered, attempts, next_attempt_at: next })
      .where('webhook_id', '=', delivery.webhook_id)
      .execute();
  }
}

async function send(
  { webhook_id: id, body }: Delivery,
  { url, secret, now }: { url: string; secret: string; now: Date },
): Promise<boolean> {
  const signed = signWebhook({ id, timestampSeconds: Math.floor(now.getTime() / 1_000), body }, secret);
  try {
    const headers = { 'content-type': 'application/json', ...signed };
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
