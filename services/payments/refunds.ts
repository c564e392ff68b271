import type { Kysely, Transaction } from 'kysely';
import { z } from 'zod';
import { readCaller } from '#services/kit/caller';
import { appendEvent } from '#services/kit/outbox';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import type { PaymentsDeps } from './app.ts';
import { giveBack } from './ask-acquirer.ts';
import { events, partialRefundSchema, paymentParamsSchema, type Refund, refundSchema } from './contract.ts';
import type { PaymentsDatabase } from './schema.ts';
import { newEvent, type Occasion, toPayment } from './store.ts';

type Db = Kysely<PaymentsDatabase>;

/** Adds the refund of a part: several, together never more than what was taken. */
export function addPartialRefundRoute(app: Server, { db, acquirer, now, onEvents }: PaymentsDeps): void {
  app.put(
    '/payments/:paymentId/refunds/:refundId',
    {
      schema: {
        operationId: 'refundPart',
        tags: ['payments'],
        summary: 'Give a part of the money back',
        description: 'Once per refund, however often it is asked; together never more than what was taken.',
        params: paymentParamsSchema.extend({
          refundId: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c12' }),
        }),
        body: partialRefundSchema,
        response: { 200: refundSchema, 404: problemSchema, 409: problemSchema, 422: problemSchema, 502: problemSchema },
      },
    },
    async (request) => {
      const refund = { ...request.params, ...request.body };
      if (await begin(db, refund)) return refund;
      if ((await giveBack(acquirer, refund)) === 'refused') {
        throw new DomainError('refund_refused', 409, 'The acquirer refuses this refund.');
      }
      await settle(db, refund, { now: now(), caller: readCaller(request.headers) });
      onEvents();
      return refund;
    },
  );
}

/**
 * Writes the intent before the acquirer is asked. @returns whether it is done already
 * @throws DomainError 404 `unknown_payment`, 409 `not_refundable`, 422 `refund_differs` or `refund_too_large`
 */
async function begin(db: Db, { paymentId, refundId, amountMinor }: Refund): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const payment = await lock(trx, paymentId);
    if (payment === undefined) throw new DomainError('unknown_payment', 404, 'There is no such payment.');
    const refunds = await trx.selectFrom('refunds').selectAll().where('payment_id', '=', paymentId).execute();
    const same = refunds.find(({ refund_id: id }) => id === refundId);
    if (same !== undefined) {
      if (same.amount_minor === amountMinor) return same.done;
      throw new DomainError('refund_differs', 422, `This refund is one of ${same.amount_minor} already.`);
    }
    if (payment.status !== 'captured') {
      throw new DomainError('not_refundable', 409, `The payment is ${payment.status}.`);
    }
    const leftMinor = refunds.reduce((left, refund) => left - refund.amount_minor, payment.amount_minor);
    if (amountMinor > leftMinor) {
      throw new DomainError('refund_too_large', 422, `No more than ${leftMinor} is left to give back.`, { leftMinor });
    }
    const row = { payment_id: paymentId, refund_id: refundId, amount_minor: amountMinor, done: false };
    await trx.insertInto('refunds').values(row).execute();
    return false;
  });
}

/** Records a refund once, and that the payment is refunded when nothing is left of it. */
async function settle(db: Db, { paymentId, refundId, amountMinor }: Refund, occasion: Occasion): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const payment = await lock(trx, paymentId);
    const settled = await trx
      .updateTable('refunds')
      .set({ done: true })
      .where('payment_id', '=', paymentId)
      .where('refund_id', '=', refundId)
      .where('done', '=', false)
      .executeTakeFirst();
    if (payment === undefined || settled.numUpdatedRows === 0n) return;
    await appendEvent(trx, events, newEvent('payment.refunded', { ...toPayment(payment), amountMinor }, occasion));
    await endIfNothingIsLeft(trx, payment);
  });
}

async function endIfNothingIsLeft(
  trx: Transaction<PaymentsDatabase>,
  { payment_id: paymentId, amount_minor: amountMinor }: { payment_id: string; amount_minor: number },
): Promise<void> {
  const done = await trx
    .selectFrom('refunds')
    .select(({ fn }) => fn.sum<string>('amount_minor').as('sum'))
    .where('payment_id', '=', paymentId)
    .where('done', '=', true)
    .executeTakeFirstOrThrow();
  if (Number(done.sum) < amountMinor) return;
  await trx.updateTable('payments').set({ status: 'refunded' }).where('payment_id', '=', paymentId).execute();
}

/** Books what the acquirer has taken back after a dispute that was lost, once: like a refund that nobody here asked for. */
export async function bookChargeback(
  trx: Transaction<PaymentsDatabase>,
  { paymentId, amountMinor }: Omit<Refund, 'refundId'>,
  occasion: Occasion,
): Promise<void> {
  const payment = await lock(trx, paymentId);
  if (payment === undefined || amountMinor === 0) return;
  const booked = await trx
    .insertInto('refunds')
    .values({ payment_id: paymentId, refund_id: 'chargeback', amount_minor: amountMinor, done: true })
    .onConflict((conflict) => conflict.doNothing())
    .returning('refund_id')
    .executeTakeFirst();
  if (booked === undefined) return;
  await appendEvent(trx, events, newEvent('payment.charged_back', { ...toPayment(payment), amountMinor }, occasion));
  await endIfNothingIsLeft(trx, payment);
}

function lock(trx: Transaction<PaymentsDatabase>, paymentId: string) {
  return trx.selectFrom('payments').selectAll().where('payment_id', '=', paymentId).forUpdate().executeTakeFirst();
}

/** A payment of which a part was given back is not reversed as a whole. @throws DomainError 409 `partly_refunded` */
export async function refuseReversal(db: Db, paymentId: string): Promise<void> {
  const part = await db
    .selectFrom('refunds')
    .select('refund_id')
    .where('payment_id', '=', paymentId)
    .executeTakeFirst();
  if (part === undefined) return;
  throw new DomainError('partly_refunded', 409, 'A part was given back: give back the rest as another part.');
}
