import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPrimaryOnly } from '#services/kit/replica/reader';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { createAssortment } from './assortment.ts';
import { manifest } from './manifest.ts';
import { changePrice } from './sales.ts';
import { type CatalogTables, migrations } from './schema.ts';
import { createCatalogStore } from './store.ts';

const nowMs = Date.UTC(2026, 0, 1);
const assortment = createAssortment().slice(0, 2);
const [product] = assortment;
const [colour = ''] = product?.colours ?? [];
const front = { kind: 'image', url: '/media/front.webp', alt: 'From the front', width: 800, height: 1_000 };
const inColour = { ...front, url: '/media/colour.webp', alt: `In ${colour}`, colour };
let service: TestService<CatalogTables>;
let app: Server;

beforeAll(async () => {
  service = await openTestService<CatalogTables>({ manifest, migrations });
  const { db, logger } = service;
  const store = createCatalogStore(db);
  await store.seed(assortment, nowMs);
  app = await service.newServer();
  const common = { db, now: () => nowMs, logger, changed: async () => {}, salesChanged: () => {} };
  addRoutes(app, { store, fresh: store, reader: readPrimaryOnly(db), ...common });
});

afterAll(() => service?.stop());

function setMedia(media: unknown, id = product?.id) {
  return app.inject({ method: 'PUT', url: `/products/${id}/media`, payload: { media } as object });
}

/** How often it was told that products changed. */
async function countChanges(): Promise<number> {
  return (await service.db.selectFrom('outbox').select('id').execute()).length;
}

test('pictures are shown with a product and in lists, in their order, and outlive another price', async () => {
  expect((await app.inject(`/products/${product?.id}`)).json().media).toBeUndefined();
  expect((await setMedia([inColour, front])).json()).toMatchObject({ media: [inColour, front] });
  await changePrice(service.db, { productId: product?.id ?? '', priceMinor: 1_090, nowMs });
  expect((await app.inject(`/products/${product?.id}`)).json()).toMatchObject({
    ...{ priceMinor: 1_090, media: [inColour, front] },
  });
  const { items } = (await app.inject('/products')).json();
  expect(items.map(({ media }: { media?: unknown }) => media)).toEqual([[inColour, front], undefined]);
});

test('others are told once, and not of what changes nothing', async () => {
  await setMedia([front]);
  const before = await countChanges();
  await setMedia([front]);
  expect(await countChanges()).toBe(before);
  expect((await setMedia([])).json().media).toBeUndefined();
  expect(await countChanges()).toBe(before + 1);
});

test.each([
  ['an address of another site', { ...front, url: 'https://evil.example/a.png' }, 'validation_failed', '/media/0/url'],
  ['one without a protocol', { ...front, url: '//evil.example/a.png' }, 'validation_failed', '/media/0/url'],
  ['no words for who does not see it', { ...front, alt: '' }, 'validation_failed', '/media/0/alt'],
  ['a field that nobody knows', { ...front, title: 'x' }, 'validation_failed', '/media/0'],
  ['a colour that there is not', { ...front, colour: 'Ultraviolet' }, 'unknown_colour', 'media/0/colour'],
])('%s is refused', async (_what, medium, code, where) => {
  const refused = await setMedia([medium]);
  expect(refused.json()).toMatchObject({ status: 400, code });
  expect(refused.json().detail).toContain(where);
});

test('a product that is not there has no pictures', async () => {
  expect((await setMedia([front], 'BW-9999')).json()).toMatchObject({ status: 404, code: 'product_not_found' });
});
