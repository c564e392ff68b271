import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { createDatabase, migrate } from '#services/kit/database';
import { type InventoryDatabase, inventoryMigrations } from './schema.ts';
import { commitReservation, expireReservations, receiveDeliveries, releaseReservation } from './settle.ts';
import { loadReservation, readStock, reserve, setStock } from './store.ts';

const sku = 'BW-0001-BLK-M';
const other = 'BW-0002-OAT-L';
const now = new Date('2026-11-23T08:00:00Z');
const caller = { sessionId: 's-1', device: 'phone', channel: 'web', userId: null };

let postgres: TestPostgres;
let db: Kysely<InventoryDatabase>;

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['inventory'] });
  db = createDatabase({
    url: postgres.url('inventory'),
    name: 'test',
    logger: pino({ level: 'silent' }),
    maxConnections: 20,
  });
  await migrate(db, inventoryMigrations);
}, 60_000);

afterAll(async () => {
  await db.destroy();
  await postgres.stop();
});

beforeEach(async () => {
  for (const table of ['reservation_lines', 'reservations', 'stock', 'outbox'] as const)
    await db.deleteFrom(table).execute();
});

async function stockOf(pieces: Record<string, number>): Promise<void> {
  const rows = Object.entries(pieces).map(([name, on_hand]) => ({ sku: name, on_hand, restock_at: null }));
  await db.insertInto('stock').values(rows).execute();
}

function take(lines: { sku: string; quantity: number }[], orderId = randomUUID()) {
  return reserve(db, { orderId, lines }, { now, holdSeconds: 60, caller });
}

async function available(name = sku): Promise<number> {
  return (await readStock(db, name)).available;
}

async function eventTypes(): Promise<string[]> {
  const rows = await db.selectFrom('outbox').select('event').orderBy('seq').execute();
  return rows.map(({ event }) => event.type);
}

describe('reserving', () => {
  it('sells exactly 10 pieces to 500 buyers who come at once', async () => {
    await stockOf({ [sku]: 10 });
    const results = await Promise.all(Array.from({ length: 500 }, () => take([{ sku, quantity: 1 }])));
    expect(results.filter(({ kind }) => kind === 'reserved')).toHaveLength(10);
    expect(results.filter(({ kind }) => kind === 'out_of_stock')).toHaveLength(490);
    expect(await available()).toBe(0);
    expect(await db.selectFrom('reservations').select('order_id').execute()).toHaveLength(10);
  });

  it('never waits in a circle when buyers want the same things in different order', async () => {
    await stockOf({ [sku]: 500, [other]: 500 });
    const there = [
      { sku, quantity: 1 },
      { sku: other, quantity: 1 },
    ];
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) => take(index % 2 === 0 ? there : [...there].reverse())),
    );
    expect(results.every(({ kind }) => kind === 'reserved')).toBe(true);
    expect(await available(other)).toBe(400);
  });

  it('holds all lines or none, and says what is left of each line that is short', async () => {
    await stockOf({ [sku]: 5, [other]: 1 });
    const result = await take([
      { sku, quantity: 2 },
      { sku: other, quantity: 3 },
    ]);
    expect(result).toEqual({ kind: 'out_of_stock', left: [{ sku: other, requested: 3, left: 1 }] });
    expect(await available()).toBe(5);
    expect(await eventTypes()).toEqual([]);
  });

  it('gives the same reservation to the same order, however often and however simultaneously it asks', async () => {
    await stockOf({ [sku]: 10 });
    const orderId = randomUUID();
    const results = await Promise.all(Array.from({ length: 20 }, () => take([{ sku, quantity: 2 }], orderId)));
    expect(results.every(({ kind }) => kind === 'reserved')).toBe(true);
    expect(await available()).toBe(8);
    expect(await eventTypes()).toEqual(['stock.reserved']);
    expect(await take([{ sku, quantity: 3 }], orderId)).toEqual({ kind: 'different_lines' });
  });

  it('serves a SKU that it has never seen from the first delivery, once', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => take([{ sku, quantity: 4 }])));
    expect(results.filter(({ kind }) => kind === 'reserved')).toHaveLength(15);
    expect(await available()).toBe(0);
  });
});

describe('settling', () => {
  it('takes committed pieces out of the house once', async () => {
    await stockOf({ [sku]: 10 });
    const orderId = randomUUID();
    await take([{ sku, quantity: 3 }], orderId);
    const answers = await Promise.all([1, 2, 3].map(() => commitReservation(db, orderId)));
    expect(answers).toEqual(['committed', 'committed', 'committed']);
    const row = await db.selectFrom('stock').select(['on_hand', 'reserved']).executeTakeFirstOrThrow();
    expect(row).toEqual({ on_hand: 7, reserved: 0 });
  });

  it('gives held pieces back once, and committed ones too', async () => {
    await stockOf({ [sku]: 10 });
    const held = randomUUID();
    const committed = randomUUID();
    await take([{ sku, quantity: 3 }], held);
    await take([{ sku, quantity: 2 }], committed);
    await commitReservation(db, committed);
    for (const orderId of [held, held, committed, committed]) await releaseReservation(db, orderId, now);
    expect(await db.selectFrom('stock').select(['on_hand', 'reserved']).executeTakeFirstOrThrow()).toEqual({
      on_hand: 10,
      reserved: 0,
    });
    expect((await eventTypes()).filter((type) => type === 'stock.released')).toHaveLength(2);
  });

  it('refuses a reservation that arrives after its release', async () => {
    await stockOf({ [sku]: 10 });
    const orderId = randomUUID();
    await releaseReservation(db, orderId, now);
    expect(await take([{ sku, quantity: 1 }], orderId)).toEqual({ kind: 'over', status: 'released' });
    expect(await available()).toBe(10);
  });

  it('frees what was held too long, after which it cannot be committed', async () => {
    await stockOf({ [sku]: 10 });
    const orderId = randomUUID();
    await take([{ sku, quantity: 4 }], orderId);
    expect(await expireReservations(db, new Date(now.getTime() + 59_000))).toBe(0);
    expect(await expireReservations(db, new Date(now.getTime() + 60_000))).toBe(1);
    expect(await available()).toBe(10);
    expect(await commitReservation(db, orderId)).toBe('expired');
    expect((await loadReservation(db, orderId))?.status).toBe('expired');
  });
});

describe('deliveries', () => {
  it('orders one delivery when a SKU becomes low, and fills the shelf when it arrives', async () => {
    await stockOf({ [sku]: 14 });
    await take([{ sku, quantity: 3 }]);
    await take([{ sku, quantity: 3 }]);
    expect((await eventTypes()).filter((type) => type === 'stock.low')).toHaveLength(1);
    expect(await receiveDeliveries(db, now)).toEqual([]);
    expect(await receiveDeliveries(db, new Date(now.getTime() + 600_000))).toEqual([sku]);
    expect(await available()).toBe(60);
  });
});

it('the books balance: first delivery and all that came later are on hand or sold', async () => {
  await setStock(db, sku, 20);
  const orders = Array.from({ length: 6 }, () => randomUUID());
  for (const orderId of orders)
    await take(
      [
        { sku, quantity: 2 },
        { sku: other, quantity: 1 },
      ],
      orderId,
    );
  for (const orderId of orders.slice(0, 4)) await commitReservation(db, orderId);
  for (const orderId of orders.slice(3)) await releaseReservation(db, orderId, now);
  await receiveDeliveries(db, new Date(now.getTime() + 600_000));
  await setStock(db, sku, 7);
  const rows = await db.selectFrom('stock').select(['sku', 'on_hand', 'received']).orderBy('sku').execute();
  expect(rows.map((row) => row.on_hand + (row.sku === sku ? 6 : 3))).toEqual(rows.map((row) => 60 + row.received));
});
