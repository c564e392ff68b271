import { createHash } from 'node:crypto';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Caller } from '#services/kit/caller';
import type { EventOf } from '#services/kit/events/contract';
import { appendEvent } from '#services/kit/outbox';
import { events, type Payment, type PaymentRequest, paymentIdFor } from './contract.ts';
import type { PaymentsDatabase } from './schema.ts';

type Db = Kysely<PaymentsDatabase>;
type PaymentRow = Selectable<PaymentsDatabase['payments']>;

/** When something happens, and on whose behalf. */
export type Occasion = { now: Date; caller: Caller };

export type BeginResult =
  /** Ask the acquirer: nobody has its answer yet. */
  { kind: 'pending'; payment: Payment } | { kind: 'settled'; payment: Payment } | { kind: 'different_request' };

/** Writes the intent to charge before the acquirer is asked; or finds what became of it. */
export async function beginPayment(db: Db, idempotencyKey: string, request: PaymentRequest): Promise<BeginResult> {
  const paymentId = paymentIdFor(idempotencyKey);
  const requestHash = hashRequest(request);
  await db
    .insertInto('payments')
    .values({
      payment_id: paymentId,
      order_id: request.orderId,
      request_hash: requestHash,
      amount_minor: request.amountMinor,
      currency: request.currency,
      status: 'pending',
      decline_reason: null,
    })
    .onConflict((conflict) => conflict.column('payment_id').doNothing())
    .execute();
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

/** Records the acquirer's answer once; a later or second answer changes nothing. @returns the payment as it now is */
export async function settlePayment(
  db: Db,
  paymentId: string,
  answer: { status: 'authorised' } | { status: 'declined'; declineReason: string } | { status: 'voided' },
  occasion: Occasion,
): Promise<Payment> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .updateTable('payments')
      .set({
        status: answer.status,
        decline_reason: answer.status === 'declined' ? answer.declineReason : null,
        updated_at: sql`now()`,
      })
      .where('payment_id', '=', paymentId)
      .where('status', '=', 'pending')
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) {
      return toPayment(
        await trx.selectFrom('payments').selectAll().where('payment_id', '=', paymentId).executeTakeFirstOrThrow(),
      );
    }
    const payment = toPayment(row);
    if (answer.status !== 'voided') {
      await appendEvent(trx, events, newEvent(`payment.${answer.status}`, payment, occasion));
    }
    return payment;
  });
}

/** Writes the intent to refund: a payment that nobody has asked for yet is remembered as voided. */
export async function beginRefund(db: Db, paymentId: string): Promise<Payment> {
  await db
    .insertInto('payments')
    .values({
      payment_id: paymentId,
      order_id: null,
      request_hash: null,
      amount_minor: 0,
      currency: null,
      status: 'voided',
      decline_reason: null,
    })
    .onConflict((conflict) => conflict.column('payment_id').doNothing())
    .execute();
  const row = await readRow(db, paymentId);
  if (row === undefined) throw new Error(`payment ${paymentId} vanished`);
  return toPayment(row);
}

/** Records a reversal once. @returns the payment as it now is */
export async function settleRefund(
  db: Db,
  paymentId: string,
  status: 'refunded' | 'voided',
  occasion: Occasion,
): Promise<Payment> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .updateTable('payments')
      .set({ status, updated_at: sql`now()` })
      .where('payment_id', '=', paymentId)
      .where('status', 'in', ['pending', 'authorised'])
      .returningAll()
      .executeTakeFirst();
    if (row !== undefined && status === 'refunded') {
      await appendEvent(trx, events, newEvent('payment.refunded', toPayment(row), occasion));
    }
    return toPayment(
      await trx.selectFrom('payments').selectAll().where('payment_id', '=', paymentId).executeTakeFirstOrThrow(),
    );
  });
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
