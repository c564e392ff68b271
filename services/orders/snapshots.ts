import type { Kysely, Transaction } from 'kysely';
import { foldVersion, type OrderState } from './order.ts';
import type { OrdersDatabase } from './schema.ts';

/**
 * Events from one snapshot to the next. An ordinary order is over after ten to twelve: to read these costs less than to
 * keep a copy of every order. One that goes on (given back in parts, tried again by the staff) is read in fewer than so
 * many, however long its log becomes.
 */
export const snapshotEvery = 16;

/** The order as it was some events ago; undefined when that was not kept, or kept by code that folds otherwise. */
export async function readSnapshot(db: Kysely<OrdersDatabase>, orderId: string): Promise<OrderState | undefined> {
  const row = await db
    .selectFrom('order_snapshots')
    .select('state')
    .where('stream', '=', orderId)
    .where('fold_version', '=', foldVersion)
    .executeTakeFirst();
  return row?.state;
}

/**
 * Keeps the state if an append has come past a multiple of `every`. Whoever appends has the stream to itself, so that a
 * snapshot is never replaced by an older one.
 */
export async function keepSnapshot(
  trx: Transaction<OrdersDatabase>,
  { before, after, every }: { before: OrderState; after: OrderState; every: number },
): Promise<void> {
  if (Math.floor(before.version / every) === Math.floor(after.version / every)) return;
  const kept = { version: after.version, fold_version: foldVersion, state: JSON.stringify(after) };
  await trx
    .insertInto('order_snapshots')
    .values({ stream: after.orderId, ...kept })
    .onConflict((conflict) => conflict.column('stream').doUpdateSet(kept))
    .execute();
}
