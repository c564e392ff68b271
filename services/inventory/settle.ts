import { type Kysely, sql, type Transaction } from 'kysely';
import { appendEvent } from '#services/kit/outbox';
import { events, type ReservationStatus } from './contract.ts';
import type { InventoryDatabase } from './schema.ts';
import { fullStock } from './stock-level.ts';

type Db = Kysely<InventoryDatabase>;
type Trx = Transaction<InventoryDatabase>;

/** The pieces leave the house. Asked again: the same. @returns the status found, `committed` when it is done */
export async function commitReservation(db: Db, orderId: string): Promise<ReservationStatus | undefined> {
  return db.transaction().execute(async (trx) => {
    const status = await lockReservation(trx, orderId);
    if (status !== 'held') return status;
    await changeStock(trx, orderId, { onHand: -1, reserved: -1 });
    await setStatus(trx, orderId, 'committed');
    return 'committed';
  });
}

/**
 * Gives an order's pieces back: held ones are free again, committed ones return. An order that has not reserved yet
 * is remembered as released, so that a reservation still on its way is refused when it arrives.
 */
export async function releaseReservation(db: Db, orderId: string, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const tombstone = await trx
      .insertInto('reservations')
      .values({ order_id: orderId, status: 'released', expires_at: now })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .returning('order_id')
      .executeTakeFirst();
    if (tombstone !== undefined) return;
    const status = await lockReservation(trx, orderId);
    if (status !== 'held' && status !== 'committed') return;
    await changeStock(trx, orderId, status === 'held' ? { onHand: 0, reserved: -1 } : { onHand: 1, reserved: 0 });
    await setStatus(trx, orderId, 'released');
    await announceRelease(trx, { orderId, reason: status === 'held' ? 'cancelled' : 'returned', now });
  });
}

/** Frees what was held longer than promised. @returns how many reservations */
export async function expireReservations(db: Db, now: Date): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const overdue = await trx
      .selectFrom('reservations')
      .select('order_id')
      .where('status', '=', 'held')
      .where('expires_at', '<=', now)
      .orderBy('expires_at')
      .limit(50)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const { order_id: orderId } of overdue) {
      await changeStock(trx, orderId, { onHand: 0, reserved: -1 });
      await setStatus(trx, orderId, 'expired');
      await announceRelease(trx, { orderId, reason: 'expired', now });
    }
    return overdue.length;
  });
}

/** Puts the deliveries that are due on the shelf. @returns the SKUs delivered */
export async function receiveDeliveries(db: Db, now: Date): Promise<string[]> {
  // Locked rows are left for the next round: a delivery never waits for buyers, so it cannot deadlock with them.
  const { rows } = await sql<{ sku: string }>`
    UPDATE stock SET on_hand = greatest(on_hand, reserved + ${fullStock}::integer), restock_at = NULL,
      received = received + greatest(0, reserved + ${fullStock}::integer - on_hand)
    WHERE sku IN (SELECT sku FROM stock WHERE restock_at <= ${now} FOR UPDATE SKIP LOCKED)
    RETURNING sku`.execute(db);
  return rows.map(({ sku }) => sku);
}

async function lockReservation(trx: Trx, orderId: string): Promise<ReservationStatus | undefined> {
  const row = await trx
    .selectFrom('reservations')
    .select('status')
    .where('order_id', '=', orderId)
    .forUpdate()
    .executeTakeFirst();
  return row?.status;
}

/** Rows are locked in the order of their SKU, like a reservation's, before they are changed. */
async function changeStock(trx: Trx, orderId: string, sign: { onHand: number; reserved: number }): Promise<void> {
  await sql`
    WITH line AS (
      SELECT stock.sku, reservation_lines.quantity
      FROM reservation_lines JOIN stock USING (sku)
      WHERE reservation_lines.order_id = ${orderId}
      ORDER BY stock.sku
      FOR UPDATE OF stock
    )
    UPDATE stock SET on_hand = on_hand + ${sign.onHand} * line.quantity,
                     reserved = reserved + ${sign.reserved} * line.quantity
    FROM line WHERE stock.sku = line.sku`.execute(trx);
}

async function setStatus(trx: Trx, orderId: string, status: ReservationStatus): Promise<void> {
  await trx
    .updateTable('reservations')
    .set({ status, updated_at: sql`now()` })
    .where('order_id', '=', orderId)
    .execute();
}

async function announceRelease(
  trx: Trx,
  { orderId, reason, now }: { orderId: string; reason: 'cancelled' | 'returned' | 'expired'; now: Date },
): Promise<void> {
  const timeMs = now.getTime();
  await appendEvent(trx, events, { type: 'stock.released', subject: orderId, timeMs, data: { orderId, reason } });
}
