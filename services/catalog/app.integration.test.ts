import type { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '#services/kit/database';
import { renderOpenapi } from '#services/kit/openapi';
import { readPrimaryOnly } from '#services/kit/replica/reader';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { createAssortment } from './assortment.ts';
import { manifest } from './manifest.ts';
import { type CatalogTables, migrations } from './schema.ts';
import { type CatalogStore, createCatalogStore } from './store.ts';

const nowMs = Date.UTC(2026, 0, 1);
let service: TestService<CatalogTables>;
let db: Kysely<CatalogTables>;
let store: CatalogStore;
let app: Server;

beforeAll(async () => {
  service = await openTestService<CatalogTables>({ manifest, migrations });
  ({ db } = service);
  store = createCatalogStore(db);
  await store.seed(createAssortment(), nowMs);
  app = await service.newServer();
  addRoutes(app, {
    store,
    fresh: store,
    reader: readPrimaryOnly(db),
    db,
    now: () => nowMs,
    logger: service.logger,
    changed: async () => {},
    salesChanged: () => {},
  });
});

afterAll(async () => {
  await service?.stop();
});

async function readEvents() {
  return (await db.selectFrom('outbox').select('event').orderBy('seq').execute()).map(({ event }) => event);
}

describe('seeding', () => {
  test('filled the empty catalogue once, and told of every product', async () => {
    expect(await store.seed(createAssortment(7), nowMs)).toBe(0);
    const { total } = await db
      .selectFrom('products')
      .select(db.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    expect(Number(total)).toBe(520);
    const changed = (await readEvents()).filter(({ type }) => type === 'product.changed');
    expect(changed).toHaveLength(520);
  });

  test('applies no migration twice, and side by side neither', async () => {
    await Promise.all([migrate(db, migrations), migrate(db, migrations)]);
    expect((await app.inject('/products')).json().total).toBe(520);
  });
});

describe('the list', () => {
  test('pages through everything without repetition', async () => {
    const ids: string[] = [];
    for (let offset = 0; offset < 520; offset += 100) {
      const page = (await app.inject(`/products?limit=100&offset=${offset}`)).json();
      ids.push(...page.items.map(({ id }: { id: string }) => id));
    }
    expect(new Set(ids).size).toBe(520);
  });

  test('keeps to a category', async () => {
    const page = (await app.inject('/products?category=shoes&limit=100')).json();
    expect(page.total).toBe(40);
    expect(new Set(page.items.map(({ category }: { category: string }) => category))).toEqual(new Set(['shoes']));
  });

  test('is empty past its end', async () => {
    expect((await app.inject('/products?offset=9999')).json()).toMatchObject({ items: [], total: 520 });
  });

  test.each(['?limit=0', '?limit=101', '?offset=-1', '?category=cars'])('refuses %s', async (query) => {
    expect((await app.inject(`/products${query}`)).json()).toMatchObject({ status: 400, code: 'validation_failed' });
  });
});

describe('a product', () => {
  beforeEach(async () => {
    await db.deleteFrom('outbox').execute();
  });

  test('that is shown counts as one view, with session, device and channel', async () => {
    const headers = { 'x-session-id': 's-1', 'x-device': 'phone', 'x-channel': 'web' };
    const response = await app.inject({ url: '/products/BW-0001', headers });
    expect(response.json()).toMatchObject({ id: 'BW-0001', currency: 'EUR' });
    const [view, ...others] = await readEvents();
    expect(others).toEqual([]);
    expect(view).toMatchObject({
      specversion: '1.0',
      type: 'product.viewed',
      source: '/services/catalog',
      subject: 'BW-0001',
      time: new Date(nowMs).toISOString(),
      data: { productId: 'BW-0001', sessionId: 's-1', device: 'phone', channel: 'web' },
    });
  });

  test.each(['BW-9999', 'nonsense', '%00'])('that does not exist (%s) is a problem and no view', async (id) => {
    const response = await app.inject(`/products/${id}`);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.statusCode).toBeLessThan(500);
    expect(await readEvents()).toEqual([]);
  });
});

test('a variant is found by its SKU', async () => {
  const { variants } = (await app.inject('/products/BW-0002')).json();
  const [variant] = variants;
  expect((await app.inject(`/variants/${variant.sku}`)).json()).toEqual(variant);
  expect((await app.inject('/variants/BW-0002-XXX-M')).json()).toMatchObject({ status: 404, code: 'unknown_sku' });
});

describe('the change feed', () => {
  async function readAll(after: number): Promise<{ ids: string[]; next: number }> {
    const ids: string[] = [];
    let next = after;
    for (let more = true; more; ) {
      const page = (await app.inject(`/changes?after=${next}&limit=200`)).json();
      ids.push(...page.items.map(({ id }: { id: string }) => id));
      ({ next, more } = page);
    }
    return { ids, next };
  }

  test('gives every product once to a reader who begins, and later only what has changed', async () => {
    const { ids, next } = await readAll(0);
    expect(new Set(ids).size).toBe(520);
    expect(ids).toHaveLength(520);
    const payload = { priceMinor: 1_234 };
    const answer = await app.inject({ method: 'PUT', url: '/products/BW-0007/price', payload });
    expect(answer.json()).toMatchObject({ id: 'BW-0007', priceMinor: 1_234 });
    expect((await readAll(next)).ids).toEqual(['BW-0007']);
    expect((await readAll((await readAll(next)).next)).ids).toEqual([]);
  });

  test('a price is that of product, list and variants, and is told of once', async () => {
    await db.deleteFrom('outbox').execute();
    const url = '/products/BW-0008/price';
    await app.inject({ method: 'PUT', url, payload: { priceMinor: 777 } });
    await app.inject({ method: 'PUT', url, payload: { priceMinor: 777 } });
    expect((await readEvents()).map(({ type, subject }) => [type, subject])).toEqual([['product.changed', 'BW-0008']]);
    const product = (await app.inject('/products/BW-0008')).json();
    expect(new Set(product.variants.map(({ priceMinor }: { priceMinor: number }) => priceMinor))).toEqual(
      new Set([777]),
    );
    expect((await app.inject(`/variants/${product.variants[0].sku}`)).json()).toMatchObject({ priceMinor: 777 });
  });

  test.each([{ priceMinor: 0 }, { priceMinor: 1.5 }, { priceMinor: 5, currency: 'USD' }])(
    'refuses %o',
    async (payload) => {
      const answer = await app.inject({ method: 'PUT', url: '/products/BW-0008/price', payload });
      expect(answer.json()).toMatchObject({ status: 400, code: 'validation_failed' });
    },
  );
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});
