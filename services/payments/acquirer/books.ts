import type { Kysely } from 'kysely';
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
    await trx
      .insertInto('acquirer.refunds')
      .columns(['key', 'amount_minor', 'at'])
      .expression((builder) =>
        builder
          .selectFrom('acquirer.charges')
          .select(({ val }) => ['key', 'amount_minor', val(now).as('at')])
          .where('key', '=', key),
      )
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
    return { outcome: 'refunded' };
  });
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
