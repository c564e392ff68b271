import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Product } from '#services/catalog/contract';
import { type Client, createClient } from '#services/kit/fetch';
import { openTestFlags, type TestFlags } from '#services/kit/flags/test-flags';
import { renderOpenapi } from '#services/kit/openapi';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { followFeed } from './follow-feed.ts';
import { manifest } from './manifest.ts';
import { migrations, type SearchTables } from './schema.ts';

const nowMs = Date.UTC(2026, 0, 1);
let service: TestService<SearchTables>;
let db: Kysely<SearchTables>;
let app: Server;
let flags: TestFlags;
let feed: Server;
let catalog: Client;

function product(id: string, name: string, more: Partial<Product> = {}): Product {
  const base = { id, name, brand: 'Ostra', category: 'knitwear', priceMinor: 5_000, currency: 'EUR' } as const;
  return { ...base, colours: ['Black'], description: '', sizes: ['M'], variants: [], ...more };
}

/** The catalogue's feed, as its contract says; products are at the place of their last change. */
let changes: Product[] = [
  product('BW-0001', 'Relaxed merino roll-neck jumper', { colours: ['Black', 'Oat'] }),
  product('BW-0002', 'Slim cashmere cardigan', { brand: 'Nordlys', priceMinor: 20_000 }),
  product('BW-0003', 'Classic leather chelsea boots', { category: 'shoes', colours: ['Rust'], priceMinor: 18_000 }),
  product('BW-0004', 'Everyday canvas trainers', { category: 'shoes', description: 'Goes with any jumper.' }),
  product('BW-0005', 'Cropped satin slip dress', { category: 'dresses', brand: 'Aube', colours: ['Navy'] }),
];

beforeAll(async () => {
  service = await openTestService<SearchTables>({ manifest, migrations });
  ({ db } = service);
  feed = await service.newServer();
  feed.get('/changes', async (request) => {
    const { after, limit } = request.query as { after: string; limit: string };
    // Two at a time, to see that it reads on.
    const size = Math.min(2, Number(limit));
    const items = changes.slice(Number(after), Number(after) + size);
    const next = Number(after) + items.length;
    return { items, next, more: next < changes.length };
  });
  const baseUrl = await feed.listen({ host: '127.0.0.1', port: 0 });
  catalog = createClient({ peer: 'catalog', baseUrl, timeoutMs: 2_000 });
  await followFeed({ db, catalog });
  app = await service.newServer();
  flags = await openTestFlags('search', service.logger);
  addRoutes(app, { db, flags: flags.flags, now: () => nowMs, logger: service.logger });
});

afterAll(async () => {
  await flags?.stop();
  await service?.stop();
});

async function search(query: string) {
  const response = await app.inject(`/search?${query}`);
  return response.json();
}

async function find(query: string): Promise<string[]> {
  return (await search(query)).items.map(({ id }: { id: string }) => id);
}

describe('words', () => {
  test.each([
    ['jumper', ['BW-0001', 'BW-0004'], 'in the name first, in the description after'],
    ['Jumpers', ['BW-0001', 'BW-0004'], 'in another form'],
    ['jumpr', ['BW-0001'], 'with a letter missing'],
    ['cashmre cardigann', ['BW-0002'], 'misspelt twice'],
    ['chelsae', ['BW-0003'], 'with letters swapped'],
    ['sweater', ['BW-0001', 'BW-0004'], 'that the shop calls otherwise'],
    ['black jumper', ['BW-0001', 'BW-0004'], 'from different fields'],
    ['the jumper', ['BW-0001', 'BW-0004'], 'beside words that say nothing'],
    ['nordlys', ['BW-0002'], 'of the brand'],
    ['dress jumper', [], 'all of which have to be there'],
    ['zzzzzz', [], 'that nothing has'],
  ])('%s finds %j: %s', async (q, ids) => {
    expect(await find(`q=${encodeURIComponent(q)}`)).toEqual(ids);
  });

  test.each(["'; drop table documents; --", ':*&|!()', '\\', '%00a', '💥'])('%s is only text', async (q) => {
    expect((await search(`q=${encodeURIComponent(q)}`)).items).toEqual([]);
    expect((await search('')).total).toBe(5);
  });
});

test('what is misspelt is not found while the flag search-typo-tolerance is off', async () => {
  await flags.set('search-typo-tolerance', false);
  expect(await find('q=cashmre')).toEqual([]);
  expect(await find('q=cashmere')).toEqual(['BW-0002']);
  await flags.set('search-typo-tolerance', true);
  expect(await find('q=cashmre')).toEqual(['BW-0002']);
});

describe('facets', () => {
  test('count what another choice in the same facet would find', async () => {
    const { total, facets } = await search('category=shoes');
    expect(total).toBe(2);
    expect(facets.category).toEqual([
      { value: 'knitwear', count: 2 },
      { value: 'shoes', count: 2 },
      { value: 'dresses', count: 1 },
    ]);
    expect(facets.brand).toEqual([{ value: 'Ostra', count: 2 }]);
    expect(facets.colour).toEqual([
      { value: 'Black', count: 1 },
      { value: 'Rust', count: 1 },
    ]);
  });

  test('narrow down: several of one, and a price', async () => {
    expect(await find('brand=Ostra&brand=Aube&sort=-price')).toEqual(['BW-0003', 'BW-0001', 'BW-0004', 'BW-0005']);
    expect(await find('minPriceMinor=18000&sort=price')).toEqual(['BW-0003', 'BW-0002']);
    expect(await find('colour=Oat')).toEqual(['BW-0001']);
  });
});

test('pages do not overlap, and the total is that of all pages', async () => {
  const first = await search('limit=3');
  const second = await search('limit=3&offset=3');
  expect(first.total).toBe(5);
  expect(new Set([...first.items, ...second.items].map(({ id }: { id: string }) => id)).size).toBe(5);
});

test('a change in the catalogue is found after the feed was read, and read twice changes nothing', async () => {
  changes = [...changes, product('BW-0002', 'Slim alpaca cardigan', { brand: 'Nordlys', priceMinor: 9_000 })];
  await Promise.all([followFeed({ db, catalog }), followFeed({ db, catalog })]);
  expect(await find('q=alpaca')).toEqual(['BW-0002']);
  expect(await find('q=cashmere')).toEqual([]);
  expect((await search('')).total).toBe(5);
});

test('a search is told of once, without what was typed', async () => {
  await db.deleteFrom('outbox').execute();
  await search('q=ada%40example.com&offset=0');
  await search('q=ada%40example.com&offset=24');
  const events = await db.selectFrom('outbox').select('event').execute();
  expect(events.map(({ event }) => event.type)).toEqual(['search.performed']);
  expect(JSON.stringify(events)).not.toContain('ada');
});

test.each([
  'limit=0',
  'offset=-1',
  'minPriceMinor=4111111111111111',
  'category=cars',
  'sort=best',
  `q=${'x'.repeat(101)}`,
])('refuses %s', async (query) => {
  expect(await search(query)).toMatchObject({ status: 400, code: 'validation_failed' });
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});
