import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { CloudEvent } from '#process/bus/cloud-event';
import { type Mode, type Preferences, preferencesSchema, type Topic } from './contract.ts';
import type { NotificationsTables } from './schema.ts';
import { templatesByEvent } from './templates.ts';

type Db = Kysely<NotificationsTables>;

const dataSchema = z.looseObject({
  orderId: z.string().optional(),
  userId: z.string().nullish(),
  totalMinor: z.number().optional(),
  amountMinor: z.number().optional(),
  currency: z.string().optional(),
  lines: z.array(z.object({ name: z.string(), quantity: z.number() })).optional(),
});

/** Types of the events that are dealt with. */
export const eventTypes = [...Object.keys(templatesByEvent), 'user.deleted'];

/** When the next digest goes out: at seven in the morning, UTC. */
export function nextDigest(now: Date): Date {
  const digest = new Date(now);
  digest.setUTCHours(7, 0, 0, 0);
  if (digest <= now) digest.setUTCDate(digest.getUTCDate() + 1);
  return digest;
}

/** Turns an event into a message that waits to be sent, once. @throws ZodError for an event that is not as agreed */
export async function acceptEvent(db: Db, event: CloudEvent, now: Date): Promise<void> {
  const { userId = null, orderId, totalMinor, amountMinor, currency, lines } = dataSchema.parse(event.data);
  if (event.type === 'user.deleted') return forget(db, userId ?? event.subject);
  const written = templatesByEvent[event.type];
  if (written === undefined) return;
  const { topic, template } = written;
  const mode = await readMode(db, userId, topic);
  await db
    .insertInto('messages')
    .values({
      ...{ message_id: event.id, topic, template, subject_id: orderId ?? event.subject, user_id: userId },
      data: JSON.stringify({
        orderId,
        totalMinor: totalMinor ?? amountMinor,
        currency,
        lines: lines?.map(({ name, quantity }) => ({ name, quantity })),
      }),
      status: mode === 'none' ? 'skipped' : mode === 'daily' ? 'held' : 'waiting',
      reason: mode === 'none' ? 'not wanted' : null,
      next_attempt_at: mode === 'daily' ? nextDigest(now) : now,
      created_at: now,
      sent_at: null,
    })
    .onConflict((conflict) => conflict.column('message_id').doNothing())
    .execute();
}

/** How somebody wants to be written to; each time, unless they said otherwise. */
export async function readPreferences(db: Db, userId: string): Promise<Preferences> {
  const row = await db.selectFrom('preferences').select('preferences').where('user_id', '=', userId).executeTakeFirst();
  return preferencesSchema.parse(row?.preferences ?? {});
}

export async function writePreferences(db: Db, userId: string, preferences: Preferences): Promise<void> {
  const value = JSON.stringify(preferences);
  await db
    .insertInto('preferences')
    .values({ user_id: userId, preferences: value })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ preferences: value }))
    .execute();
}

async function readMode(db: Db, userId: string | null, topic: Topic): Promise<Mode> {
  return userId === null ? 'each' : (await readPreferences(db, userId))[topic];
}

/** Whoever leaves is not written to any more. */
async function forget(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('preferences').where('user_id', '=', userId).execute();
  await sql`
    update messages set user_id = null, data = '{}',
      status = case when status in ('waiting', 'held') then 'skipped' else status end,
      reason = case when status in ('waiting', 'held') then 'account deleted' else reason end
    where user_id = ${userId}`.execute(db);
}
