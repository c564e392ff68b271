import { createHash } from 'node:crypto';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Caller } from '#services/kit/caller';
import type { EventOf } from '#services/kit/events/contract';
import { appendEvent } from '#services/kit/outbox';
import { events, type Payment, type PaymentRequest, paymentIdFor } from './contract.ts';
import { announcements, sources, type Target } from './lifecycle.ts';
import type { PaymentsDatabase } from './schema.ts';

type Db = Kysely<PaymentsDatabase>;
type PaymentRow = Selectable<PaymentsDatabase['payments']>;

/** When something happens, and on whose behalf. */
export type Occasion = { now: Date; caller: Caller };

/** On whose behalf: nobody's who visits the shop. */
export const nobody: Caller = { sessionId: null, device: null, channel: null, userId: null };

export type BeginResult =
  /** Ask the acquirer: nobody has its answer yet. */
  { kind: 'pending'; payment: Payment } | { kind: 'settled'; payment: Payment } | { kind: 'different_request' };

/** Writes the intent to authorise before the acquirer is asked; or finds what became of it. */
export async function beginPayment(db: Db, idempotencyKey: string, request: PaymentRequest): Promise<BeginResult> {
  const paymentId = paymentIdFor(idempotencyKey);
  const requestHash = hashRequest(request);
  await insertOnce(db, {
    payment_id: paymentId,
    order_id: request.orderId,
    request_hash: requestHash,
    amount_minor: request.amountMinor,
    currency: request.currency,
    status: 'pending',
    decline_reason: null,
  });
  const row = await readRow(db, paymentId);
  if (row === undefined) throw new Error(`payment ${paymentId} vanished`);
  if (row.request_hash !== null && row.request_hash !== requestHash) return { kind: 'different_request' };
  return { kind: row.status === 'pending' ? 'pending' : 'settled', payment: toPayment(row) };
}

/** The hash includes the token, so that the same key with another card is another request. */
function hashRequest({ orderId, amountMinor, currency, paymentToken }: PaymentRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([orderId, amountMinor, currency, paymentToken]))
    .digest('hex');
}

export type Change = { to: Target; reason?: string | null; expiresAt?: Date; challengeToken?: string };

/**
 * Brings a payment into a state, once and only from where there is a way; its event with it, in one transaction.
 * @returns the payment as it now is, whether moved or not; undefined when there is none
 */
export async function movePayment(
  db: Db,
  paymentId: string,
  change: Change,
  occasion: Occasion,
): Promise<Payment | undefined> {
  return db.transaction().execute((trx) => moveIn(trx, paymentId, change, occasion));
}

/** The same within a transaction that does more. */
export async function moveIn(
  trx: Transaction<PaymentsDatabase>,
  paymentId: string,
  { to, reason = null, expiresAt, challengeToken }: Change,
  occasion: Occasion,
): Promise<Payment | undefined> {
  const row = await trx
    .updateTable('payments')
    .set({
      ...{ status: to, decline_reason: reason, updated_at: sql`now()` },
      ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
      ...(challengeToken === undefined ? {} : { challenge_token: challengeToken }),
    })
    .where('payment_id', '=', paymentId)
    .where('status', 'in', sources[to])
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return readPayment(trx, paymentId);
  const type = announcements[to];
  if (type !== null) await appendEvent(trx, events, newEvent(type, toPayment(row), occasion));
  return toPayment(row);
}

/** Writes the intent to undo: a payment that nobody has asked for yet is remembered as voided. */
export async function beginUndo(db: Db, paymentId: string, occasion: Occasion): Promise<Payment> {
  await insertOnce(db, {
    ...{ payment_id: paymentId, order_id: null, request_hash: null, amount_minor: 0, currency: null },
    ...{ status: 'voided', decline_reason: null },
  });
  const payment = await movePayment(db, paymentId, { to: 'voiding' }, occasion);
  if (payment === undefined) throw new Error(`payment ${paymentId} vanished`);
  return payment;
}

type NewPayment = Omit<
  PaymentRow,
  'created_at' | 'updated_at' | 'expires_at' | 'settled_at' | 'dispute' | 'challenge_token'
>;

async function insertOnce(db: Db, row: NewPayment): Promise<void> {
  await db
    .insertInto('payments')
    .values(row)
    .onConflict((conflict) => conflict.column('payment_id').doNothing())
    .execute();
}

export async function readPayment(db: Db, paymentId: string): Promise<Payment | undefined> {
  const row = await readRow(db, paymentId);
  return row === undefined ? undefined : toPayment(row);
}

async function readRow(db: Db, paymentId: string): Promise<PaymentRow | undefined> {
  return db.selectFrom('payments').selectAll().where('payment_id', '=', paymentId).executeTakeFirst();
}

export function toPayment(row: PaymentRow): Payment {
  return {
    paymentId: row.payment_id,
    orderId: row.order_id,
    status: row.status,
    amountMinor: row.amount_minor,
    currency: row.currency,
    declineReason: row.decline_reason,
    challengeToken: row.challenge_token,
    expiresAt: row.expires_at?.toISOString() ?? null,
    settledAt: row.settled_at?.toISOString() ?? null,
    dispute: row.dispute,
  };
}

type PaymentEvent = EventOf<typeof events.schemas>;

/** Without the token: events go to everyone. */
export function newEvent(type: PaymentEvent['type'], payment: Payment, { now, caller }: Occasion): PaymentEvent {
  const { paymentId, orderId, amountMinor, currency, declineReason } = payment;
  return {
    type,
    subject: paymentId,
    timeMs: now.getTime(),
    data: {
      ...{ paymentId, orderId, amountMinor, currency, ...caller },
      ...(declineReason === null ? {} : { reason: declineReason }),
    },
  };
}
