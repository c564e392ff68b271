import { metrics } from '@opentelemetry/api';
import { type Kysely, sql } from 'kysely';
import type { Client } from '#services/kit/fetch';
import type { Server } from '#services/kit/server';
import type { PaymentsDeps } from './app.ts';
import { type ReportedCharge, readReport } from './ask-acquirer.ts';
import { compare, type DifferenceKind, mendOf, type Ours } from './compare.ts';
import { type Reconciliation, reconciliationSchema } from './contract.ts';
import type { PaymentsDatabase } from './schema.ts';
import { movePayment, nobody, toPayment } from './store.ts';

type Db = Kysely<PaymentsDatabase>;
export type ReconcileDeps = { db: Db; acquirer: Client; now: () => Date; onEvents: () => void };

/** What is younger may still be on its way. */
const settleMs = 30_000;
/** The longest stretch of the acquirer's books that is looked at in one go. */
const stretchMs = 3_600_000;
/** A difference of that age does not go away by itself: whoever asks again has done so by now. */
export const staysMs = 15 * 60_000;
/** Of differences found before, so many are looked at again each time. */
const again = 100;

const meter = metrics.getMeter('bellwether/payments');
const differences = meter.createGauge('payments.differences', {
  description: 'Payments of which our books and those of the acquirer differ, by how long they have.',
});
const checks = meter.createCounter('payments.reconciliation.checks', {
  description: 'Looks at whether a difference to the books of the acquirer stays, by what was found.',
});

/**
 * Compares what changed since the last time, here or there, and what differed before; mends what is safe to be mended.
 * @throws UnansweredError, UnexpectedAnswerError: nothing is lost, the next look begins where this one did
 */
export async function reconcile(deps: ReconcileDeps): Promise<void> {
  const { db, acquirer, now } = deps;
  await expireHeld(deps);
  const since = (await db.selectFrom('reconciliation').select('until').executeTakeFirst())?.until ?? new Date(0);
  const stretchEnd = since.getTime() === 0 ? Number.POSITIVE_INFINITY : since.getTime() + stretchMs;
  const until = new Date(Math.min(now().getTime() - settleMs, stretchEnd));
  const reported = await readReport(acquirer, { since, until });
  const known = new Set(reported.map(({ key }) => key));
  const changedHere = (await listChangedHere(db, { since, until })).filter((id) => !known.has(id));
  const asked = changedHere.length === 0 ? [] : await readReport(acquirer, { keys: changedHere });
  await examine(deps, [...known, ...changedHere], [...reported, ...asked]);
  await db
    .insertInto('reconciliation')
    .values({ id: true, until })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ until }))
    .execute();
  await countOpen(deps);
}

async function examine(
  deps: ReconcileDeps,
  keys: readonly string[],
  reported: readonly ReportedCharge[],
): Promise<void> {
  const { db, now, onEvents } = deps;
  const ours = await readOurs(db, keys);
  const theirs = new Map(reported.map((charge) => [charge.key, charge]));
  for (const key of keys) {
    const target = mendOf(ours.get(key), theirs.get(key));
    if (target !== null) {
      await movePayment(db, key, { to: target }, { now: now(), caller: nobody });
      onEvents();
    }
    const kind = target === null ? compare(ours.get(key), theirs.get(key)) : null;
    await note(db, { key, kind, now: now() });
  }
}

/** Opens, keeps open or closes a difference. */
async function note(
  db: Db,
  { key, kind, now }: { key: string; kind: DifferenceKind | null; now: Date },
): Promise<void> {
  if (kind === null) {
    const open = db.updateTable('differences').set({ closed_at: now }).where('closed_at', 'is', null);
    await open.where('payment_id', '=', key).execute();
    return;
  }
  await sql`
    INSERT INTO differences (payment_id, kind, found_at) VALUES (${key}, ${kind}, ${now})
    ON CONFLICT (payment_id) DO UPDATE SET kind = excluded.kind, closed_at = NULL,
      found_at = CASE WHEN differences.closed_at IS NULL THEN differences.found_at ELSE excluded.found_at END`.execute(
    db,
  );
}

/** Looks again at what differed, and counts what still does; every look is good, or bad when a difference stays. */
async function countOpen(deps: ReconcileDeps): Promise<void> {
  const { db, acquirer, now } = deps;
  const before = await listOpen(db, again);
  const keys = before.map(({ payment_id: id }) => id);
  if (keys.length > 0) await examine(deps, keys, await readReport(acquirer, { keys }));
  const open = await listOpen(db, 10_000);
  const staying = open.filter(({ found_at: at }) => now().getTime() - at.getTime() > staysMs).length;
  differences.record(staying, { age: 'staying' });
  differences.record(open.length - staying, { age: 'new' });
  checks.add(1, { found: staying === 0 ? 'none' : 'some' });
}

/** What the bank holds no longer is ours to take no longer. */
async function expireHeld({ db, now, onEvents }: ReconcileDeps): Promise<void> {
  const overdue = await db
    .selectFrom('payments')
    .select('payment_id')
    .where('status', '=', 'authorised')
    .where('expires_at', '<', now())
    .limit(100)
    .execute();
  for (const { payment_id: id } of overdue) {
    await movePayment(db, id, { to: 'expired', reason: 'authorisation_expired' }, { now: now(), caller: nobody });
  }
  if (overdue.length > 0) onEvents();
}

async function listChangedHere(db: Db, { since, until }: { since: Date; until: Date }): Promise<string[]> {
  const rows = await db
    .selectFrom('payments')
    .select('payment_id')
    .where('updated_at', '>=', since)
    .where('updated_at', '<', until)
    .execute();
  return rows.map(({ payment_id: id }) => id);
}

async function readOurs(db: Db, keys: readonly string[]): Promise<Map<string, Ours>> {
  if (keys.length === 0) return new Map();
  const rows = await db.selectFrom('payments').selectAll().where('payment_id', 'in', keys).execute();
  const refunds = await db
    .selectFrom('refunds')
    .select(['payment_id', ({ fn }) => fn.sum<string>('amount_minor').as('sum')])
    .where('payment_id', 'in', keys)
    .where('done', '=', true)
    .groupBy('payment_id')
    .execute();
  const refunded = new Map(refunds.map(({ payment_id: id, sum }) => [id, Number(sum)]));
  return new Map(
    rows.map((row) => [row.payment_id, { ...toPayment(row), refundedMinor: refunded.get(row.payment_id) ?? 0 }]),
  );
}

/** The oldest open differences. */
function listOpen(db: Db, limit: number) {
  return db
    .selectFrom('differences')
    .selectAll()
    .where('closed_at', 'is', null)
    .orderBy('found_at')
    .limit(limit)
    .execute();
}

/** Adds what the staff sees of it. */
export function addReconciliationRoute(app: Server, { db }: Pick<PaymentsDeps, 'db'>): void {
  app.get(
    '/reconciliation',
    {
      schema: {
        operationId: 'readReconciliation',
        tags: ['staff'],
        summary: 'Where our books and those of the acquirer differ',
        description: 'For the back office; the gateway has no way here.',
        response: { 200: reconciliationSchema },
      },
    },
    async (): Promise<Reconciliation> => {
      const compared = await db.selectFrom('reconciliation').select('until').executeTakeFirst();
      const open = (await listOpen(db, 200)).map((row) => ({
        ...{ paymentId: row.payment_id, kind: row.kind, foundAt: row.found_at.toISOString() },
      }));
      return { comparedUntil: compared?.until.toISOString() ?? null, open };
    },
  );
}
