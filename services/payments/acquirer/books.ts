import type { Insertable, Kysely } from 'kysely';
import type { PaymentsDatabase } from '../schema.ts';
import { decideCharge } from './decide.ts';

export type ChargeRequest = { key: string; token: string; amountMinor: number; currency: string };
export type ChargeAnswer = { outcome: 'approved' | 'declined' | 'voided'; reason: string | null };
export type ReversalAnswer = { outcome: 'refunded' | 'voided' | 'nothing_to_refund' };

/** Charges once per key: whoever asks again gets the first answer. */
export async function bookCharge(
  db: Kysely<PaymentsDatabase>,
  request: ChargeRequest,
  now: Date,
): Promise<ChargeAnswer> {
  const decision = decideCharge(request);
  const entry = {
    key: request.key,
    outcome: decision.outcome,
    amount_minor: request.amountMinor,
    currency: request.currency,
    reason: decision.outcome === 'declined' ? decision.reason : null,
    at: now,
  };
  return bookOnce(db, entry);
}

/**
 * Reverses what was charged under a key. A key that was never charged is voided: a charge that arrives after its
 * reversal is refused.
 */
export async function bookReversal(db: Kysely<PaymentsDatabase>, key: string, now: Date): Promise<ReversalAnswer> {
  return db.transaction().execute(async (trx) => {
    const found = await bookOnce(trx, {
      key,
      outcome: 'voided',
      amount_minor: 0,
      currency: null,
      reason: 'reversed_before_charge',
      at: now,
    });
    if (found.outcome === 'voided') return { outcome: 'voided' };
    if (found.outcome === 'declined') return { outcome: 'nothing_to_refund' };
    const left = (await findLeft(trx, key)) ?? 0;
    if (left > 0) await insertRefund(trx, { key, refund_key: '', amount_minor: left, at: now });
    return { outcome: 'refunded' };
  });
}

export type PartialRefund = { key: string; refundKey: string; amountMinor: number };

/** Gives a part of a charge back, once per refund key; `refused` when that is more than what is left of it. */
export async function bookRefund(
  db: Kysely<PaymentsDatabase>,
  { key, refundKey, amountMinor }: PartialRefund,
  now: Date,
): Promise<{ outcome: 'refunded' | 'refused' }> {
  return db.transaction().execute(async (trx) => {
    const left = await findLeft(trx, key);
    const earlier = await trx
      .selectFrom('acquirer.refunds')
      .select('amount_minor')
      .where('key', '=', key)
      .where('refund_key', '=', refundKey)
      .executeTakeFirst();
    if (earlier !== undefined) return { outcome: earlier.amount_minor === amountMinor ? 'refunded' : 'refused' };
    if (left === undefined || amountMinor > left) return { outcome: 'refused' };
    await insertRefund(trx, { key, refund_key: refundKey, amount_minor: amountMinor, at: now });
    return { outcome: 'refunded' };
  });
}

/** What is left of a charge, which nobody else gives back meanwhile; undefined when it was never made. */
async function findLeft(trx: Kysely<PaymentsDatabase>, key: string): Promise<number | undefined> {
  const charge = await trx
    .selectFrom('acquirer.charges')
    .select('amount_minor')
    .where('key', '=', key)
    .where('outcome', '=', 'approved')
    .forUpdate()
    .executeTakeFirst();
  const refunds = await trx.selectFrom('acquirer.refunds').select('amount_minor').where('key', '=', key).execute();
  return charge && refunds.reduce((left, refund) => left - refund.amount_minor, charge.amount_minor);
}

async function insertRefund(
  trx: Kysely<PaymentsDatabase>,
  row: Insertable<PaymentsDatabase['acquirer.refunds']>,
): Promise<void> {
  await trx.insertInto('acquirer.refunds').values(row).execute();
}

async function bookOnce(
  db: Kysely<PaymentsDatabase>,
  entry: {
    key: string;
    outcome: ChargeAnswer['outcome'];
    amount_minor: number;
    currency: string | null;
    reason: string | null;
    at: Date;
  },
): Promise<ChargeAnswer> {
  await db
    .insertInto('acquirer.charges')
    .values(entry)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return db
    .selectFrom('acquirer.charges')
    .select(['outcome', 'reason'])
    .where('key', '=', entry.key)
    .executeTakeFirstOrThrow();
}
