import { type Kysely, sql, type Transaction } from 'kysely';
import type { Caller } from '#services/kit/caller';
import { appendEvent } from '#services/kit/outbox';
import {
  events,
  type Reservation,
  type ReservationLine,
  type ReservationRequest,
  type ReservationStatus,
  type Shortage,
  type Stock,
} from './contract.ts';
import type { InventoryDatabase } from './schema.ts';
import { becameLow, deliverySeconds, fullStock, mergeLines, stockStatus } from './stock-level.ts';

type Trx = Transaction<InventoryDatabase>;

export type ReserveResult =
  | { kind: 'reserved'; reservation: Reservation }
  | { kind: 'out_of_stock'; left: Shortage[] }
  /** The order gave up (or took too long) before: what it reserves now would be held for nobody. */
  | { kind: 'over'; status: ReservationStatus }
  | { kind: 'different_lines' };

/** Thrown to roll a transaction back with a result. */
class NotReserved extends Error {
  readonly result: ReserveResult;
  constructor(result: ReserveResult) {
    super(result.kind);
    this.result = result;
  }
}

/** A SKU that was never asked for has its first delivery, untouched: inventory does not know the assortment. */
export async function readStock(db: Kysely<InventoryDatabase>, sku: string): Promise<Stock> {
  const row = await db.selectFrom('stock').select(['on_hand', 'reserved']).where('sku', '=', sku).executeTakeFirst();
  const available = row === undefined ? fullStock : row.on_hand - row.reserved;
  return { sku, available, status: stockStatus(available) };
}

/** Sets what is on the shelf. Null when more than that is reserved: customers have been promised it. */
export async function setStock(db: Kysely<InventoryDatabase>, sku: string, onHand: number): Promise<Stock | null> {
  const { rows } = await sql`
    INSERT INTO stock (sku, on_hand, received) VALUES (${sku}, ${onHand}, ${onHand - fullStock})
    ON CONFLICT (sku) DO UPDATE SET on_hand = excluded.on_hand,
      received = stock.received + excluded.on_hand - stock.on_hand
    WHERE stock.reserved <= excluded.on_hand
    RETURNING sku`.execute(db);
  return rows.length === 0 ? null : readStock(db, sku);
}

/**
 * Holds all lines of an order for `holdSeconds`, or none. Asked again for the same order: the same reservation.
 * A line is taken by a conditional update, so two buyers cannot have the same piece.
 */
export async function reserve(
  db: Kysely<InventoryDatabase>,
  request: ReservationRequest,
  { now, holdSeconds, caller }: { now: Date; holdSeconds: number; caller: Caller },
): Promise<ReserveResult> {
  const lines = mergeLines(request.lines);
  const expiresAt = new Date(now.getTime() + holdSeconds * 1_000);
  try {
    return await db.transaction().execute(async (trx) => {
      const inserted = await trx
        .insertInto('reservations')
        .values({ order_id: request.orderId, status: 'held', expires_at: expiresAt })
        .onConflict((conflict) => conflict.column('order_id').doNothing())
        .returning('order_id')
        .executeTakeFirst();
      if (inserted === undefined) return repeatReservation(trx, request.orderId, lines);
      await takeLines(trx, lines, now);
      await trx
        .insertInto('reservation_lines')
        .values(lines.map((line) => ({ order_id: request.orderId, ...line })))
        .execute();
      await appendEvent(trx, events, {
        type: 'stock.reserved',
        subject: request.orderId,
        timeMs: now.getTime(),
        data: { orderId: request.orderId, lines, ...caller },
      });
      return {
        kind: 'reserved',
        reservation: { orderId: request.orderId, status: 'held', expiresAt: expiresAt.toISOString(), lines },
      };
    });
  } catch (error) {
    if (error instanceof NotReserved) return error.result;
    throw error;
  }
}

async function repeatReservation(trx: Trx, orderId: string, lines: ReservationLine[]): Promise<ReserveResult> {
  const reservation = await loadReservation(trx, orderId);
  if (reservation === undefined || reservation.status === 'released' || reservation.status === 'expired') {
    return { kind: 'over', status: reservation?.status ?? 'released' };
  }
  if (JSON.stringify(reservation.lines) !== JSON.stringify(lines)) return { kind: 'different_lines' };
  return { kind: 'reserved', reservation };
}

/** @throws NotReserved naming every line that is short */
async function takeLines(trx: Trx, lines: readonly ReservationLine[], now: Date): Promise<void> {
  const missing: ReservationLine[] = [];
  for (const line of lines) {
    const { sku, quantity } = line;
    let taken = await takeLine(trx, line);
    if (taken === undefined) {
      // Short, or never seen; whoever stocks it up first, there is a row afterwards.
      await stockUp(trx, sku);
      taken = await takeLine(trx, line);
    }
    if (taken === undefined) {
      missing.push(line);
      continue;
    }
    const available = taken.on_hand - taken.reserved;
    if (becameLow({ availableAfter: available, taken: quantity })) await orderDelivery(trx, { sku, available, now });
  }
  if (missing.length > 0) throw new NotReserved(await explainShortage(trx, missing));
}

/** The pieces are taken only if they are there, in one statement. */
async function takeLine(
  trx: Trx,
  { sku, quantity }: ReservationLine,
): Promise<{ on_hand: number; reserved: number } | undefined> {
  return trx
    .updateTable('stock')
    .set({ reserved: sql`reserved + ${quantity}` })
    .where('sku', '=', sku)
    .where(sql<boolean>`on_hand - reserved >= ${quantity}`)
    .returning(['on_hand', 'reserved'])
    .executeTakeFirst();
}

/** The first delivery of a SKU, unless it had one before. */
async function stockUp(trx: Trx, sku: string): Promise<void> {
  await trx
    .insertInto('stock')
    .values({ sku, on_hand: fullStock, restock_at: null })
    .onConflict((conflict) => conflict.column('sku').doNothing())
    .execute();
}

async function orderDelivery(
  trx: Trx,
  { sku, available, now }: { sku: string; available: number; now: Date },
): Promise<void> {
  const ordered = await trx
    .updateTable('stock')
    .set({ restock_at: new Date(now.getTime() + deliverySeconds * 1_000) })
    .where('sku', '=', sku)
    .where('restock_at', 'is', null)
    .returning('sku')
    .executeTakeFirst();
  if (ordered === undefined) return;
  const timeMs = now.getTime();
  await appendEvent(trx, events, { type: 'stock.low', subject: sku, timeMs, data: { sku, available } });
}

async function explainShortage(trx: Trx, missing: readonly ReservationLine[]): Promise<ReserveResult> {
  const rows = await trx
    .selectFrom('stock')
    .select(['sku', 'on_hand', 'reserved'])
    .where(
      'sku',
      'in',
      missing.map(({ sku }) => sku),
    )
    .execute();
  const leftOf = new Map(rows.map((row) => [row.sku, row.on_hand - row.reserved]));
  return {
    kind: 'out_of_stock',
    left: missing.map(({ sku, quantity }) => ({ sku, requested: quantity, left: leftOf.get(sku) ?? 0 })),
  };
}

/** Undefined when the order never reserved anything. */
export async function loadReservation(
  db: Kysely<InventoryDatabase> | Trx,
  orderId: string,
): Promise<Reservation | undefined> {
  const row = await db
    .selectFrom('reservations')
    .select(['status', 'expires_at'])
    .where('order_id', '=', orderId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const lines = await db
    .selectFrom('reservation_lines')
    .select(['sku', 'quantity'])
    .where('order_id', '=', orderId)
    .orderBy('sku')
    .execute();
  return { orderId, status: row.status, expiresAt: row.expires_at.toISOString(), lines };
}
