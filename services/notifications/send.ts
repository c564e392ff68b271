import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { appendEvent } from '#services/kit/outbox';
import { DomainError } from '#services/kit/problem';
import { events } from './contract.ts';
import type { Provider } from './providers.ts';
import type { FindRecipient } from './recipients.ts';
import type { NotificationsTables } from './schema.ts';
import { write, writeDigest } from './templates.ts';

export type SendDeps = {
  db: Kysely<NotificationsTables>;
  provider: Provider;
  findRecipient: FindRecipient;
  now: () => Date;
};

type Row = Selectable<NotificationsTables['messages']>;
type Trx = Transaction<NotificationsTables>;

/** After so many tries a message has failed; by then some six hours have passed. */
const maxAttempts = 10;
const firstRetryMs = 5_000;
const longestRetryMs = 2 * 3_600_000;

/** How long after the `attempts`-th failure the next try comes, ms: doubles each time. */
export function retryDelayMs(attempts: number): number {
  return Math.min(longestRetryMs, firstRetryMs * 3 ** (attempts - 1));
}

/**
 * Sends what is due, oldest first: a message on its own, or all that is held for one person as a digest. Rows stay locked
 * while the mail is on its way, so that two instances never send the same; after a crash in between it is sent again.
 * @returns how many messages were dealt with
 */
export async function sendDue(deps: SendDeps): Promise<number> {
  return deps.db.transaction().execute(async (trx) => {
    const first = await trx
      .selectFrom('messages')
      .selectAll()
      .where('status', 'in', ['waiting', 'held'])
      .where('next_attempt_at', '<=', deps.now())
      .orderBy('next_attempt_at')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (first === undefined) return 0;
    const rows =
      first.status === 'held' && first.user_id !== null ? await claimDigest(trx, first.user_id, deps) : [first];
    await deliver(trx, deps, rows);
    return rows.length;
  });
}

async function claimDigest(trx: Trx, userId: string, { now }: SendDeps): Promise<Row[]> {
  return trx
    .selectFrom('messages')
    .selectAll()
    .where('status', '=', 'held')
    .where('user_id', '=', userId)
    .where('next_attempt_at', '<=', now())
    .orderBy('created_at')
    .forUpdate()
    .skipLocked()
    .execute();
}

async function deliver(trx: Trx, { provider, findRecipient, now }: SendDeps, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const recipient = await lookUp(findRecipient, first);
  if (!recipient.ok) return failed(trx, rows, { ...recipient, now: now() });
  if (recipient.address === null) return settle(trx, rows, { status: 'skipped', reason: 'no address', at: null });
  const words = writeDigest(rows.map(({ template, data }) => write(template, data)));
  const sent = await provider.send({ ...words, messageId: first.message_id, recipient: recipient.address });
  if (!sent.ok) return failed(trx, rows, { ...sent, now: now() });
  await settle(trx, rows, { status: 'sent', reason: null, at: now() });
  for (const { message_id: messageId, template, subject_id: subject } of rows) {
    const event = { type: 'notification.sent' as const, subject, timeMs: now().getTime() };
    await appendEvent(trx, events, { ...event, id: messageId, data: { messageId, template } });
  }
}

type LookUp = { ok: true; address: string | null } | { ok: false; retryable: true; reason: string };

/** An owner of addresses who cannot be asked is a reason to wait, not to give up. */
async function lookUp(findRecipient: FindRecipient, row: Row): Promise<LookUp> {
  try {
    const message = { topic: row.topic, subjectId: row.subject_id, userId: row.user_id };
    return { ok: true, address: await findRecipient(message) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ok: false, retryable: true, reason: error.code };
  }
}

async function failed(
  trx: Trx,
  rows: readonly Row[],
  { retryable, reason, now }: { retryable: boolean; reason: string; now: Date },
): Promise<void> {
  for (const row of rows) {
    const attempts = row.attempts + 1;
    const over = !retryable || attempts >= maxAttempts;
    const nextAttemptAt = new Date(now.getTime() + retryDelayMs(attempts));
    await trx
      .updateTable('messages')
      .set({ attempts, reason, ...(over ? { status: 'failed' as const } : { next_attempt_at: nextAttemptAt }) })
      .where('message_id', '=', row.message_id)
      .execute();
  }
}

async function settle(
  trx: Trx,
  rows: readonly Row[],
  { status, reason, at }: { status: 'sent' | 'skipped'; reason: string | null; at: Date | null },
): Promise<void> {
  const ids = rows.map(({ message_id: id }) => id);
  await sql`
    update messages set status = ${status}, reason = ${reason}, sent_at = ${at}, attempts = attempts + 1, data = '{}'
    where message_id = any(${ids}::uuid[])`.execute(trx);
}
