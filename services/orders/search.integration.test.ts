import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { type OrderPage, type OrderSearch, orderSearchSchema } from './contract.ts';
import { placeTestOrder } from './log-fixture.ts';
import { manifest } from './manifest.ts';
import type { OrderState } from './order.ts';
import { type OrdersDatabase, ordersMigrations } from './schema.ts';
import { selectPage } from './search.ts';
import { addStaffRoutes } from './staff.ts';
import { appendToOrder, loadOrder } from './store.ts';

let service: TestService<OrdersDatabase>;
let app: Server;

beforeAll(async () => {
  service = await openTestService<OrdersDatabase>({ manifest, migrations: ordersMigrations });
  app = await service.newServer();
  addStaffRoutes(app, service.db, {
    load: (orderId) => loadOrder(service.db, orderId),
    append: (state, events) => appendToOrder(service.db, state, events, { now: new Date() }),
  });
}, 60_000);

beforeEach(async () => {
  await sql`TRUNCATE orders`.execute(service.db);
});

afterAll(() => service.stop(), 30_000);

const ask = (query: Record<string, string>) => app.inject({ url: '/orders', query });

async function search(query: Record<string, string>): Promise<OrderPage> {
  const answer = await ask(query);
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

const idsOf = ({ items }: OrderPage): string[] => items.map(({ orderId }) => orderId);
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));
const place = (minute: number, userId: string | null = null) => placeTestOrder(service.db, { now: at(minute), userId });
const cancel = (state: OrderState) =>
  appendToOrder(service.db, state, [{ type: 'cancelled', data: { reason: { code: 'checkout_expired' } } }], {
    now: new Date(),
  });

describe('orders', () => {
  it('are gone through once each, page by page, while others are placed', async () => {
    // Several at the same moment: the id decides where a page ends.
    const placed = [];
    for (let n = 0; n < 47; n += 1) placed.push((await place(Math.floor(n / 5))).orderId);
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages += 1) {
      const page: OrderPage = await search({ limit: '5', ...(cursor === '' ? {} : { cursor }) });
      expect(page.items.length).toBeGreaterThan(0);
      seen.push(...idsOf(page));
      cursor = page.next;
      await place(100 + pages);
      if (pages > 20) throw new Error('there is no end to it');
    }
    expect(seen.toSorted()).toEqual(placed.toSorted());
    expect((await search({})).items[0]?.placedAt).toBe(at(109).toISOString());
  });

  it('are found by status, customer, beginning of their id and time, and by all of it at once', async () => {
    const [ada, bob] = [randomUUID(), randomUUID()];
    const orders = [await place(0, ada), await place(1, ada), await place(2, bob), await place(3)];
    const [first, second, third, fourth] = orders.map(({ orderId }) => orderId);
    await cancel(orders[1] as OrderState);
    expect(idsOf(await search({ status: 'cancelled' }))).toEqual([second]);
    expect(idsOf(await search({ userId: ada }))).toEqual([second, first]);
    expect(idsOf(await search({ userId: ada, status: 'placed' }))).toEqual([first]);
    for (const length of [4, 8, 9, 14, 36]) {
      expect(idsOf(await search({ idPrefix: String(third).slice(0, length) }))).toContain(third);
    }
    expect(idsOf(await search({ idPrefix: String(third) }))).toEqual([third]);
    const range = { placedFrom: at(1).toISOString(), placedUntil: at(3).toISOString() };
    expect(idsOf(await search(range))).toEqual([third, second]);
    expect(
      idsOf(await search({ ...range, userId: ada, status: 'cancelled', idPrefix: String(second).slice(0, 6) })),
    ).toEqual([second]);
    expect(idsOf(await search({ placedFrom: at(3).toISOString() }))).toEqual([fourth]);
    expect(await search({ userId: randomUUID() })).toEqual({ items: [], next: null });
  });

  it.each([
    [{ status: 'lost' }, 'status'],
    [{ userId: 'ada' }, 'userId'],
    [{ idPrefix: 'zzzz' }, 'idPrefix'],
    [{ idPrefix: '0198-f6a2' }, 'idPrefix'],
    [{ idPrefix: 'abc' }, 'idPrefix'],
    [{ placedFrom: 'yesterday' }, 'placedFrom'],
    [{ placedUntil: '2026-01-01' }, 'placedUntil'],
    [{ limit: '0' }, 'limit'],
    [{ limit: '201' }, 'limit'],
    [{ cursor: 'made-up' }, 'cursor'],
    [{ cursor: Buffer.from('["2026-01-01T00:00:00.000Z"]').toString('base64url') }, 'cursor'],
    [{ colour: 'red' }, 'colour'],
  ])('searched for by %o are refused, and the field is named', async (query, field) => {
    const answer = await ask(query as Record<string, string>);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'validation_failed']);
    expect(answer.json().detail).toContain(field);
  });

  it.each<[Partial<OrderSearch>, string]>([
    [{}, 'orders_newest'],
    [{ status: 'needs_human' }, 'orders_status'],
    [{ userId: randomUUID() }, 'orders_user'],
    [{ idPrefix: '0198f6a2' }, 'orders_pkey'],
    [{ placedFrom: at(40).toISOString(), placedUntil: at(41).toISOString() }, 'orders_newest'],
  ])('searched for by %o are read by an index', async (given, index) => {
    await sql`
      INSERT INTO orders (order_id, version, status, total_minor, currency, lines, user_id, placed_at, updated_at)
      SELECT gen_random_uuid(), 1, CASE WHEN n % 500 = 0 THEN 'needs_human' ELSE 'confirmed' END, 1, 'EUR', '[]',
        (n % 200)::text, ${at(0)}::timestamptz + n * interval '1 second', now() FROM generate_series(1, 5000) n`.execute(
      service.db,
    );
    await sql`ANALYZE orders`.execute(service.db);
    const plan = JSON.stringify(await selectPage(service.db, orderSearchSchema.parse(given)).explain('json'));
    expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan');
  });
});
