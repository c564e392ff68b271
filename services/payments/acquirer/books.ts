import { randomUUID } from 'node:crypto';
import type { Insertable, Kysely, Selectable } from 'kysely';
import type { PaymentsDatabase } from '../schema.ts';
import { decideCharge, decideDispute } from './decide.ts';
import { notify } from './notify.ts';

export type ChargeRequest = { key: string; token: string; amountMinor: number; currency: string };
export type ChargeAnswer = {
  outcome: 'approved' | 'declined' | 'challenge' | 'voided';
  reason: string | null;
  expiresAt: Date | null;
  /** By which the customer's answer to a challenge is known to be about it. */
  challengeToken: string | null;
};
export type CaptureAnswer = { outcome: 'captured' | 'expired' | 'refused' };
export type ReversalAnswer = { outcome: 'refunded' | 'voided' | 'nothing_to_refund' };

type Db = Kysely<PaymentsDatabase>;

/** How long an approved amount is held for whoever asked for it. */
const heldMs = 7 * 24 * 3_600_000;

/** How long after the capture a dispute is decided. */
const disputeMs = 60_000;

/** Authorises once per key: whoever asks again gets the first answer. */
export async function bookCharge(db: Db, request: ChargeRequest, now: Date): Promise<ChargeAnswer> {
  const decision = decideCharge(request);
  return bookOnce(db, {
    key: request.key,
    outcome: decision.outcome,
    amount_minor: request.amountMinor,
    currency: request.currency,
    reason: decision.outcome === 'declined' ? decision.reason : null,
    at: now,
    expires_at: decision.outcome === 'approved' ? new Date(now.getTime() + heldMs) : null,
    challenge_token: decision.outcome === 'challenge' ? `chl_${randomUUID()}` : null,
    dispute: decideDispute(request),
    dispute_closes_at: null,
  });
}

/** The customer's own answer to a challenge, once: whoever asks again gets what became of the first. */
export async function bookChallenge(
  db: Db,
  { key, token, answer }: { key: string; token: string; answer: 'approve' | 'refuse' },
  now: Date,
): Promise<ChargeAnswer | undefined> {
  const approved = { outcome: 'approved', expires_at: new Date(now.getTime() + heldMs), changed_at: now } as const;
  const refused = { outcome: 'declined', reason: 'challenge_refused', changed_at: now } as const;
  await db
    .updateTable('acquirer.charges')
    .set(answer === 'approve' ? approved : refused)
    .where('key', '=', key)
    .where('challenge_token', '=', token)
    .where('outcome', '=', 'challenge')
    .execute();
  return answerOf(db, key).where('challenge_token', '=', token).executeTakeFirst();
}

/** Takes what was authorised under a key, once; never what was let go, or is held no longer. */
export async function bookCapture(db: Db, key: string, now: Date): Promise<CaptureAnswer> {
  return db.transaction().execute(async (trx) => {
    const charge = await lockApproved(trx, key);
    if (charge === undefined || charge.voided_at !== null) return { outcome: 'refused' };
    if (charge.captured_at !== null) return { outcome: 'captured' };
    if (charge.expires_at !== null && charge.expires_at <= now) return { outcome: 'expired' };
    const closesAt = charge.dispute === null ? null : new Date(now.getTime() + disputeMs);
    await change(trx, key, { captured_at: now, dispute_closes_at: closesAt, changed_at: now });
    await announceCapture(trx, charge, now);
    return { outcome: 'captured' };
  });
}

/**
 * Lets go what is held under a key, or gives back what was taken. A key that was never charged is voided: a charge that
 * arrives after its reversal is refused.
 */
export async function bookReversal(db: Db, key: string, now: Date): Promise<ReversalAnswer> {
  return db.transaction().execute(async (trx) => {
    const found = await bookOnce(trx, {
      ...{ key, outcome: 'voided', amount_minor: 0, currency: null },
      ...{ reason: 'reversed_before_charge', at: now, expires_at: null, challenge_token: null, dispute: null },
      dispute_closes_at: null,
    });
    if (found.outcome === 'voided') return { outcome: 'voided' };
    const open = trx.updateTable('acquirer.charges').where('key', '=', key).where('outcome', '=', 'challenge');
    const dropped = await open.set({ outcome: 'voided', changed_at: now }).executeTakeFirst();
    if (dropped.numUpdatedRows > 0n) return { outcome: 'voided' };
    const charge = await lockApproved(trx, key);
    if (charge === undefined) return { outcome: 'nothing_to_refund' };
    if (charge.captured_at === null) {
      if (charge.voided_at === null) await change(trx, key, { voided_at: now, changed_at: now });
      return { outcome: 'voided' };
    }
    const left = await findLeft(trx, charge);
    if (left > 0) await insertRefund(trx, { key, refund_key: '', amount_minor: left, at: now });
    return { outcome: 'refunded' };
  });
}

export type PartialRefund = { key: string; refundKey: string; amountMinor: number };

/** Gives a part of what was taken back, once per refund key; `refused` when that is more than what is left of it. */
export async function bookRefund(
  db: Db,
  { key, refundKey, amountMinor }: PartialRefund,
  now: Date,
): Promise<{ outcome: 'refunded' | 'refused' }> {
  return db.transaction().execute(async (trx) => {
    const charge = await lockApproved(trx, key);
    const earlier = await trx
      .selectFrom('acquirer.refunds')
      .select('amount_minor')
      .where('key', '=', key)
      .where('refund_key', '=', refundKey)
      .executeTakeFirst();
    if (earlier !== undefined) return { outcome: earlier.amount_minor === amountMinor ? 'refunded' : 'refused' };
    if (charge?.captured_at == null || amountMinor > (await findLeft(trx, charge))) return { outcome: 'refused' };
    await insertRefund(trx, { key, refund_key: refundKey, amount_minor: amountMinor, at: now });
    return { outcome: 'refunded' };
  });
}

/** Decides the disputes that are due: of one that the shop has lost, what is left is taken back from it. */
export async function closeDisputes(db: Db, now: Date): Promise<void> {
  const due = await db
    .selectFrom('acquirer.charges')
    .select('key')
    .where('dispute_closes_at', '<=', now)
    .limit(100)
    .execute();
  for (const { key } of due) await db.transaction().execute((trx) => closeDispute(trx, key, now));
}

async function closeDispute(trx: Db, key: string, now: Date): Promise<void> {
  const charge = await lockApproved(trx, key);
  if (charge?.dispute == null || charge.dispute_closes_at === null) return;
  const { dispute: outcome } = charge;
  const amountMinor = outcome === 'lost' ? await findLeft(trx, charge) : 0;
  if (amountMinor > 0) await insertRefund(trx, { key, refund_key: 'chargeback', amount_minor: amountMinor, at: now });
  await change(trx, key, { dispute_closes_at: null, changed_at: now });
  await notify(trx, { type: 'dispute.closed', data: { key, amountMinor, outcome } }, { now, afterMs: 0 });
}

/** A charge that was approved, which nobody else changes meanwhile. */
function lockApproved(trx: Db, key: string) {
  return trx
    .selectFrom('acquirer.charges')
    .selectAll()
    .where('key', '=', key)
    .where('outcome', '=', 'approved')
    .forUpdate()
    .executeTakeFirst();
}

/** What has not been given back of a charge. */
async function findLeft(trx: Db, charge: { key: string; amount_minor: number }): Promise<number> {
  const refunds = await trx
    .selectFrom('acquirer.refunds')
    .select('amount_minor')
    .where('key', '=', charge.key)
    .execute();
  return refunds.reduce((left, refund) => left - refund.amount_minor, charge.amount_minor);
}

async function insertRefund(trx: Db, row: Insertable<PaymentsDatabase['acquirer.refunds']>): Promise<void> {
  await trx.insertInto('acquirer.refunds').values(row).execute();
  await change(trx, row.key, { changed_at: row.at });
}

async function change(
  trx: Db,
  key: string,
  changes: { captured_at?: Date; voided_at?: Date; dispute_closes_at?: Date | null; changed_at: Date },
): Promise<void> {
  await trx.updateTable('acquirer.charges').set(changes).where('key', '=', key).execute();
}

/** What whoever took the money hears of it later: that it is on its way, and that the customer wants it back. */
async function announceCapture(
  trx: Db,
  { key, amount_minor: amountMinor, dispute }: Selectable<PaymentsDatabase['acquirer.charges']>,
  now: Date,
): Promise<void> {
  await notify(trx, { type: 'charge.settled', data: { key, amountMinor } }, { now, afterMs: 10_000 });
  if (dispute === null) return;
  await notify(trx, { type: 'dispute.opened', data: { key, amountMinor } }, { now, afterMs: 20_000 });
}

type Entry = Omit<Selectable<PaymentsDatabase['acquirer.charges']>, 'captured_at' | 'voided_at' | 'changed_at'>;

async function bookOnce(db: Db, entry: Entry): Promise<ChargeAnswer> {
  await db
    .insertInto('acquirer.charges')
    .values({ ...entry, changed_at: entry.at })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return answerOf(db, entry.key).executeTakeFirstOrThrow();
}

function answerOf(db: Db, key: string) {
  return db
    .selectFrom('acquirer.charges')
    .select(['outcome', 'reason', 'expires_at as expiresAt', 'challenge_token as challengeToken'])
    .where('key', '=', key);
}
