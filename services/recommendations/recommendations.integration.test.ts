import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CloudEvent } from '#process/bus/cloud-event';
import { createClient } from '#services/kit/fetch';
import { openTestFlags, type TestFlags } from '#services/kit/flags/test-flags';
import { renderOpenapi } from '#services/kit/openapi';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { manifest } from './manifest.ts';
import { migrations, type RecommendationsTables } from './schema.ts';
import { learnOrder } from './store.ts';

let service: TestService<RecommendationsTables>;
let db: Kysely<RecommendationsTables>;
let app: Server;
let flags: TestFlags;
let catalog: Server;
/** What the catalogue has no more. */
let withdrawn: string[] = [];
let catalogStatus = 200;

function order(...productIds: string[]): CloudEvent {
  const orderId = randomUUID();
  const lines = productIds.map((id) => ({ sku: `${id}-BLK-M`, quantity: 1 }));
  return {
    ...{ specversion: '1.0', id: randomUUID(), source: '/services/orders', type: 'order.confirmed', subject: orderId },
    ...{ time: '2026-01-01T00:00:00.000Z', datacontenttype: 'application/json', data: { orderId, lines } },
  };
}

beforeAll(async () => {
  service = await openTestService<RecommendationsTables>({ manifest, migrations });
  ({ db } = service);
  catalog = await service.newServer();
  catalog.get('/products', async (request, reply) => {
    const { ids } = request.query as { ids: string };
    const known = ids.split(',').filter((id) => !withdrawn.includes(id));
    const base = {
      name: 'Jumper',
      brand: 'Ostra',
      category: 'knitwear',
      priceMinor: 100,
      currency: 'EUR',
      colours: [],
    };
    const items = known.map((id) => ({ id, ...base }));
    return reply.code(catalogStatus).send({ items, total: items.length, limit: 24, offset: 0 });
  });
  const baseUrl = await catalog.listen({ host: '127.0.0.1', port: 0 });
  app = await service.newServer();
  const client = createClient({ peer: 'catalog', baseUrl, timeoutMs: 1_000, retries: 0, breaker: 'none' });
  flags = await openTestFlags('recommendations', service.logger);
  addRoutes(app, { db, catalog: client, flags: flags.flags });
});

afterAll(async () => {
  await flags?.stop();
  await service?.stop();
});

beforeEach(async () => {
  for (const table of ['products', 'pairs', 'inbox'] as const) await db.deleteFrom(table).execute();
  withdrawn = [];
  catalogStatus = 200;
});

async function read(productId: string, limit = 10): Promise<[string, string][]> {
  const body = (await app.inject(`/products/${productId}/recommendations?limit=${limit}`)).json();
  return body.items.map(({ id, reason }: { id: string; reason: string }) => [id, reason]);
}

test('what was bought together comes first, then what is bought most; never the product itself', async () => {
  for (let times = 0; times < 3; times += 1) await learnOrder(db, order('BW-0001', 'BW-0002'));
  await learnOrder(db, order('BW-0001', 'BW-0003'));
  for (let times = 0; times < 9; times += 1) await learnOrder(db, order('BW-0004'));
  expect(await read('BW-0001')).toEqual([
    ['BW-0002', 'bought_together'],
    ['BW-0003', 'bought_together'],
    ['BW-0004', 'popular'],
  ]);
  expect(await read('BW-0002', 1)).toEqual([['BW-0001', 'bought_together']]);
});

test('is empty before the first order', async () => {
  expect(await read('BW-0001')).toEqual([]);
});

test('an order that is told of twice, and at once, is learnt from once', async () => {
  const event = order('BW-0001', 'BW-0002');
  await Promise.all(Array.from({ length: 5 }, () => learnOrder(db, event)));
  expect(await db.selectFrom('pairs').select('together').execute()).toEqual([{ together: 1 }]);
});

test('many orders at once, with the same products in any order, are all counted', async () => {
  const orders = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0 ? order('BW-0001', 'BW-0002', 'BW-0003') : order('BW-0003', 'BW-0002', 'BW-0001'),
  );
  await Promise.all(orders.map((event) => learnOrder(db, event)));
  const pairs = await db.selectFrom('pairs').select('together').execute();
  expect(pairs).toEqual([{ together: 40 }, { together: 40 }, { together: 40 }]);
});

test('what the catalogue no longer has is not recommended; a catalogue that fails is said to', async () => {
  await learnOrder(db, order('BW-0001', 'BW-0002', 'BW-0003'));
  withdrawn = ['BW-0002'];
  expect((await read('BW-0001')).map(([id]) => id)).toEqual(['BW-0003']);
  catalogStatus = 500;
  expect((await app.inject('/products/BW-0001/recommendations')).statusCode).toBe(502);
});

test('an event that is no order is refused, so that it ends in the dead letters', async () => {
  await expect(learnOrder(db, { ...order('BW-0001'), data: { orderId: 'x' } })).rejects.toThrow();
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});

test('nothing is recommended, and nobody asked, while the flag recommendations-shown is off', async () => {
  await learnOrder(db, order('BW-0001', 'BW-0002'));
  await flags.set('recommendations-shown', false);
  catalogStatus = 500;
  expect(await read('BW-0001')).toEqual([]);
  catalogStatus = 200;
  await flags.set('recommendations-shown', true);
  expect(await read('BW-0001')).toEqual([['BW-0002', 'bought_together']]);
});
