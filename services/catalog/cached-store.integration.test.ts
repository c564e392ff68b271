import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Bus } from '#process/bus/port';
import { createPostgresBus } from '#process/bus/postgres';
import { createLogger } from '#process/logger';
import { type Cache, createCache } from '#services/kit/cache/cache';
import { appendEvent } from '#services/kit/outbox';
import { startRelay } from '#services/kit/relay/relay';
import { readPrimaryOnly } from '#services/kit/replica/reader';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { createAssortment } from './assortment.ts';
import { createCachedStore } from './cached-store.ts';
import { events } from './contract.ts';
import { manifest } from './manifest.ts';
import { type CatalogTables, migrations } from './schema.ts';
import { createCatalogStore } from './store.ts';

const patient = { timeout: 60_000, interval: 50 };
const logger = createLogger('catalog');
logger.level = 'silent';
let service: TestService<CatalogTables>;
let db: Kysely<CatalogTables>;
let bus: Bus;

/** One of several catalogs on the same database and bus, without Redis. */
type Instance = { app: Server; cache: Cache };
let instances: Instance[] = [];

beforeAll(async () => {
  service = await openTestService<CatalogTables>({ manifest, migrations, databases: ['bus'] });
  ({ db } = service);
  await createCatalogStore(db).seed(createAssortment(), Date.now());
  await db.deleteFrom('outbox').execute();
  bus = await createPostgresBus({ url: service.postgres.url('bus'), name: 'catalog', logger });
  instances = [await openInstance('one'), await openInstance('two')];
});

beforeEach(async () => {
  await db.deleteFrom('outbox').execute();
});

afterAll(async () => {
  await Promise.all(instances.map(({ cache }) => cache.stop()));
  await bus?.stop();
  await service?.stop();
});

async function openInstance(name: string): Promise<Instance> {
  const cache = createCache({ name: 'catalog', logger, maxEntries: 1_000, now: Date.now });
  const fresh = createCatalogStore(db);
  const { store, handleChange } = createCachedStore(fresh, cache);
  await bus.consume({ queue: `catalog.product.changed.${name}`, types: ['product.changed'], handler: handleChange });
  const app = await service.newServer();
  const changes = { changed: async () => {}, salesChanged: () => {} };
  addRoutes(app, { store, fresh, reader: readPrimaryOnly(db), db, now: Date.now, logger, ...changes });
  return { app, cache };
}

async function readBoth(path: string): Promise<unknown[]> {
  return Promise.all(instances.map(async ({ app }) => (await app.inject(path)).json()));
}

/** Changes the name of a product everywhere, without telling anybody. */
async function rename(id: string, name: string): Promise<void> {
  const { product } = await db.selectFrom('products').select('product').where('id', '=', id).executeTakeFirstOrThrow();
  const variants = product.variants.map((variant) => ({ ...variant, name }));
  const renamed = JSON.stringify({ ...product, name, variants });
  await sql`update products set product = ${renamed}::jsonb where id = ${id}`.execute(db);
}

test('every page that is shown counts as a view, from the cache too', async () => {
  const [instance] = instances;
  for (let view = 0; view < 3; view += 1) await instance?.app.inject('/products/BW-0001');
  const { views } = await db
    .selectFrom('outbox')
    .select(db.fn.countAll<string>().as('views'))
    .executeTakeFirstOrThrow();
  expect(Number(views)).toBe(3);
  expect(instance?.cache.stats().requests).toMatchObject({ 'product.local.miss': 1, 'product.local.hit': 2 });
});

test('who has warmed up asks the database for no product', async () => {
  const cache = createCache({ name: 'catalog', logger, maxEntries: 10_000, now: Date.now });
  const cached = createCachedStore(createCatalogStore(db), cache);
  await cached.warmUp();
  const assortment = createAssortment();
  const product = assortment.at(-1);
  expect(await cached.store.find(product?.id ?? '')).toEqual(product);
  expect(await cached.store.findVariant(product?.variants[0]?.sku ?? '')).toEqual(product?.variants[0]);
  expect(await cached.store.findVariant(`${product?.id}-XXX-X`)).toBeNull();
  expect(cache.stats()).toEqual({ entries: assortment.length, requests: { 'product.local.hit': 3 } });
});

test('product, variant and list are shown from the cache, and every instance shows a change that was told', async () => {
  const paths = ['/products/BW-0002', `/variants/${createAssortment()[1]?.variants[0]?.sku}`, '/products?limit=5'];
  const before = await Promise.all(paths.map(readBoth));
  await rename('BW-0002', 'Renamed');
  expect(await Promise.all(paths.map(readBoth))).toEqual(before);
  const skus = createAssortment()[1]?.variants.map(({ sku }) => sku) ?? [];
  const event = { type: 'product.changed' as const, subject: 'BW-0002', timeMs: Date.now() };
  await appendEvent(db, events, { ...event, data: { productId: 'BW-0002', skus } });
  const relay = startRelay({ db, publish: bus.publish, logger });
  await vi.waitFor(async () => {
    for (const path of paths) {
      for (const body of await readBoth(path)) expect(JSON.stringify(body)).toContain('"name":"Renamed"');
    }
  }, patient);
  await relay.stop();
});

test('a product that comes to be is shown although it was asked for before', async () => {
  const [instance] = instances;
  expect((await instance?.app.inject('/products/BW-9001'))?.statusCode).toBe(404);
  await sql`
    insert into products select 'BW-9001', 9001, category, product || '{"id": "BW-9001"}', regular_minor
    from products where id = 'BW-0003'`.execute(db);
  const event = { type: 'product.changed' as const, subject: 'BW-9001', timeMs: Date.now() };
  await appendEvent(db, events, { ...event, data: { productId: 'BW-9001', skus: [] } });
  const relay = startRelay({ db, publish: bus.publish, logger });
  await vi.waitFor(async () => {
    expect((await instance?.app.inject('/products/BW-9001'))?.statusCode).toBe(200);
  }, patient);
  await relay.stop();
});
