import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readPrimaryOnly } from '#services/kit/replica/reader';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { createAssortment, createSales } from './assortment.ts';
import { manifest } from './manifest.ts';
import { scheduleSale, turnSales } from './sales.ts';
import { type CatalogTables, migrations } from './schema.ts';
import { createCatalogStore } from './store.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 1);
const id = 'BW-0001';
const assortment = createAssortment();
const regularMinor = assortment[0]?.priceMinor ?? 0;
let service: TestService<CatalogTables>;
let db: Kysely<CatalogTables>;
let app: Server;
let woken = 0;

beforeAll(async () => {
  service = await openTestService<CatalogTables>({ manifest, migrations });
  ({ db } = service);
  const store = createCatalogStore(db);
  await store.seed(assortment, nowMs);
  app = await service.newServer();
  const salesChanged = (): void => {
    woken += 1;
  };
  const common = { db, now: () => nowMs, logger: service.logger, changed: async () => {}, salesChanged };
  addRoutes(app, { store, fresh: store, reader: readPrimaryOnly(db), ...common });
});

afterAll(() => service?.stop());

beforeEach(async () => {
  await db.deleteFrom('sales').execute();
  await setPrice(regularMinor);
  await db.deleteFrom('outbox').execute();
  woken = 0;
});

function setPrice(priceMinor: number) {
  return app.inject({ method: 'PUT', url: `/products/${id}/price`, payload: { priceMinor } });
}

/** @param from and `to` in hours from now */
function schedule(from: number, to: number, priceMinor = 1_000) {
  const [validFrom, validTo] = [from, to].map((hours) => new Date(nowMs + hours * hourMs).toISOString());
  return app.inject({ method: 'POST', url: `/products/${id}/sales`, payload: { priceMinor, validFrom, validTo } });
}

async function shown() {
  const product = (await app.inject(`/products/${id}`)).json();
  const variant = (await app.inject(`/variants/${product.variants[0].sku}`)).json();
  const [summary] = (await app.inject(`/products?ids=${id}`)).json().items;
  const prices = [product, variant, ...product.variants, summary].map(({ priceMinor, wasMinor }) =>
    [priceMinor, wasMinor].join(),
  );
  expect(new Set(prices).size).toBe(1);
  return { priceMinor: product.priceMinor, wasMinor: product.wasMinor };
}

async function announced(): Promise<string[]> {
  const rows = await db.selectFrom('outbox').select('event').orderBy('seq').execute();
  return rows.filter(({ event }) => event.type === 'product.changed').map(({ event }) => event.time ?? '');
}

test('a sale begins and ends by itself, with the regular price beside it, and is told of once at each boundary', async () => {
  const scheduled = await schedule(1, 2);
  expect([scheduled.statusCode, scheduled.json(), woken]).toMatchObject([
    201,
    { productId: id, priceMinor: 1_000, state: 'scheduled', validFrom: '2026-01-01T01:00:00.000Z' },
    1,
  ]);
  const regular = { priceMinor: regularMinor, wasMinor: undefined };
  for (const [atMs, prices] of [
    [hourMs - 1, regular],
    [hourMs, { priceMinor: 1_000, wasMinor: regularMinor }],
    [2 * hourMs - 1, { priceMinor: 1_000, wasMinor: regularMinor }],
    [2 * hourMs, regular],
    [3 * hourMs, regular],
  ] as const) {
    // As many instances would.
    await Promise.all([1, 2, 3].map(() => turnSales(db, nowMs + atMs)));
    expect(await shown()).toEqual(prices);
  }
  expect(await announced()).toEqual(['2026-01-01T01:00:00.000Z', '2026-01-01T02:00:00.000Z']);
  expect((await app.inject(`/products/${id}/sales`)).json().items).toMatchObject([{ state: 'ended' }]);
});

test('a clock that is behind takes no sale back', async () => {
  await schedule(1, 2);
  await turnSales(db, nowMs + hourMs);
  expect(await turnSales(db, nowMs + hourMs - 500)).toEqual([]);
  expect(await shown()).toEqual({ priceMinor: 1_000, wasMinor: regularMinor });
});

test('one sale follows another without a moment at the regular price, and one that nobody was there for is skipped', async () => {
  await schedule(1, 2, 1_000);
  await schedule(2, 3, 900);
  await turnSales(db, nowMs + hourMs);
  await turnSales(db, nowMs + 2 * hourMs);
  expect(await shown()).toMatchObject({ priceMinor: 900 });
  await turnSales(db, nowMs + 3 * hourMs);
  await schedule(4, 5);
  await turnSales(db, nowMs + 6 * hourMs);
  await turnSales(db, nowMs + 6 * hourMs);
  expect(await shown()).toEqual({ priceMinor: regularMinor, wasMinor: undefined });
  expect(await announced()).toHaveLength(3);
});

test('of sales that overlap, scheduled at the same moment, one is taken', async () => {
  const answers = await Promise.all([schedule(1, 4), schedule(2, 3), schedule(3, 5), schedule(0, 9)]);
  const taken = answers.filter(({ statusCode }) => statusCode === 201);
  expect(answers.find(({ statusCode }) => statusCode !== 201)?.json()).toMatchObject({ code: 'sale_overlaps' });
  const { items } = (await app.inject(`/products/${id}/sales`)).json();
  expect(items).toHaveLength(taken.length);
  const spans = items.map(({ validFrom, validTo }: Record<string, string>) => [validFrom, validTo]);
  for (const [index, [, end]] of spans.slice(0, -1).entries()) expect(end <= spans[index + 1][0]).toBe(true);
});

test('a regular price that changes during a sale is asked for after it, or at once when it is lower', async () => {
  await schedule(1, 2);
  await turnSales(db, nowMs + hourMs);
  await setPrice(5_000);
  expect(await shown()).toEqual({ priceMinor: 1_000, wasMinor: 5_000 });
  await setPrice(800);
  expect(await shown()).toEqual({ priceMinor: 800, wasMinor: undefined });
  await setPrice(6_000);
  await turnSales(db, nowMs + 2 * hourMs);
  expect(await shown()).toEqual({ priceMinor: 6_000, wasMinor: undefined });
});

test('a sale is taken back before it begins, not after', async () => {
  const cancel = (saleId: string) => app.inject({ method: 'DELETE', url: `/products/${id}/sales/${saleId}` });
  const { saleId } = (await schedule(1, 2)).json();
  expect((await cancel(saleId)).statusCode).toBe(204);
  expect((await cancel(saleId)).statusCode).toBe(204);
  expect((await cancel(randomUUID())).statusCode).toBe(204);
  await turnSales(db, nowMs + hourMs);
  expect(await announced()).toEqual([]);
  const begun = (await schedule(1, 2)).json();
  await turnSales(db, nowMs + hourMs);
  expect((await cancel(begun.saleId)).json()).toMatchObject({ status: 409, code: 'sale_has_begun' });
});

test.each([
  [{ from: 2, to: 1 }, 'validation_failed'],
  [{ from: -2, to: 0 }, 'sale_is_over'],
  [{ from: 1, to: 2, priceMinor: regularMinor }, 'not_below_regular_price'],
  [{ from: 1, to: 2, priceMinor: 0 }, 'validation_failed'],
])('refuses %o', async ({ from, to, priceMinor }: { from: number; to: number; priceMinor?: number }, code) => {
  expect((await schedule(from, to, priceMinor)).json()).toMatchObject({ status: 400, code });
});

test('the sales of the assortment are the same for the same moment, and all of them begin and end', async () => {
  const sales = createSales(assortment, nowMs);
  expect(sales).toHaveLength(26);
  expect(createSales(createAssortment(), nowMs)).toEqual(sales);
  for (const { productId, sale } of sales) await scheduleSale(db, { productId, sale, nowMs });
  expect(await turnSales(db, nowMs)).toHaveLength(26);
  expect(await turnSales(db, nowMs + 7 * 24 * hourMs)).toHaveLength(26);
});
