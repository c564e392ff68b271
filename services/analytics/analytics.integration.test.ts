import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CloudEvent } from '#process/bus/cloud-event';
import { renderOpenapi } from '#services/kit/openapi';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { countEvent } from './count.ts';
import { manifest } from './manifest.ts';
import { type AnalyticsTables, migrations } from './schema.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);
let service: TestService<AnalyticsTables>;
let db: Kysely<AnalyticsTables>;
let app: Server;

beforeAll(async () => {
  service = await openTestService<AnalyticsTables>({ manifest, migrations });
  ({ db } = service);
  app = await service.newServer();
  addRoutes(app, { db, now: () => nowMs });
});

afterAll(async () => {
  await service?.stop();
});

beforeEach(async () => {
  for (const table of ['minutes', 'sessions', 'inbox'] as const) await db.deleteFrom(table).execute();
});

function event(type: string, data: Record<string, unknown>, agoMs = 60_000): CloudEvent {
  return {
    ...{ specversion: '1.0', id: randomUUID(), source: '/services/test', type, subject: 's' },
    ...{ time: new Date(nowMs - agoMs).toISOString(), datacontenttype: 'application/json', data },
  };
}

test('sessions are counted by how far they came, in whatever order events arrive, and orders with their money', async () => {
  const visits = [
    ['search.performed'],
    ['product.viewed', 'product.viewed'],
    ['cart.updated', 'product.viewed'],
    ['order.cancelled', 'order.placed', 'cart.updated', 'product.viewed'],
    ['order.confirmed', 'order.placed', 'cart.updated', 'product.viewed'],
  ];
  for (const [visit, types] of visits.entries()) {
    for (const type of types) await countEvent(db, event(type, { sessionId: `s-${visit}`, totalMinor: 5_000 }));
  }
  expect((await app.inject('/summary')).json()).toMatchObject({
    funnel: { seen: 5, viewed: 4, carts: 3, checkouts: 2, paid: 1 },
    conversion: 1 / 4,
    abandonment: expect.closeTo(2 / 3),
    orders: 1,
    revenueMinor: 5_000,
  });
  expect((await app.inject('/minutes')).json().items).toEqual([
    {
      minute: '2026-01-01T11:59:00.000Z',
      ...{ searches: 1, views: 5, carts: 3, placed: 2, cancelled: 1, confirmed: 1, revenueMinor: 5_000 },
      ...{ refunded: 0, refundedMinor: 0 },
    },
  ]);
});

test.each(['bot', 'api'])('what software (%s) looks at is nobody’s visit; its order would be money', async (device) => {
  for (const type of ['search.performed', 'product.viewed', 'cart.updated', 'order.confirmed']) {
    await countEvent(db, event(type, { sessionId: 'program', device, totalMinor: 700 }));
    await countEvent(db, event(type, { sessionId: 'person', device: 'phone', totalMinor: 5_000 }));
  }
  expect((await app.inject('/summary')).json()).toMatchObject({
    ...{
      funnel: { seen: 1, viewed: 1, carts: 1, checkouts: 1, paid: 1 },
      conversion: 1,
      orders: 2,
      revenueMinor: 5_700,
    },
  });
  expect((await app.inject('/minutes')).json().items).toMatchObject([{ searches: 1, views: 1, carts: 1 }]);
});

test('an event that comes again, and five times at once, counts once', async () => {
  const order = event('order.confirmed', { sessionId: 's-1', totalMinor: 1_000 });
  await Promise.all(Array.from({ length: 5 }, () => countEvent(db, order)));
  expect((await app.inject('/summary')).json()).toMatchObject({ orders: 1, revenueMinor: 1_000 });
});

test('what is given back lowers what is left of the revenue, not the revenue', async () => {
  await countEvent(db, event('order.confirmed', { totalMinor: 5_000 }));
  const refund = event('order.refunded', { totalMinor: 5_000, refundedMinor: 1_500 });
  for (let time = 0; time < 2; time += 1) await countEvent(db, refund);
  const money = { revenueMinor: 5_000, refundedMinor: 1_500 };
  expect((await app.inject('/summary')).json()).toMatchObject({ orders: 1, ...money, netMinor: 3_500 });
  expect((await app.inject('/minutes')).json().items).toMatchObject([{ confirmed: 1, refunded: 1, ...money }]);
});

test('many events at once in one minute are all counted', async () => {
  await Promise.all(
    Array.from({ length: 60 }, (_, n) => countEvent(db, event('product.viewed', { sessionId: `s-${n % 7}` }))),
  );
  const { items } = (await app.inject('/minutes')).json();
  expect(items).toMatchObject([{ views: 60 }]);
  expect((await app.inject('/summary')).json().funnel).toMatchObject({ seen: 7, viewed: 7 });
});

test('only the range that is asked for counts, and nothing is no division by nothing', async () => {
  await countEvent(db, event('product.viewed', { sessionId: 's-1' }, 2 * 3_600_000));
  expect((await app.inject('/summary')).json()).toMatchObject({
    funnel: { seen: 0 },
    conversion: null,
    abandonment: null,
  });
  const from = new Date(nowMs - 3 * 3_600_000).toISOString();
  expect((await app.inject(`/summary?from=${from}`)).json().funnel.viewed).toBe(1);
});

test.each(['from=yesterday', 'from=2026-01-02T00:00:00.000Z', 'from=2025-01-01T00:00:00.000Z'])(
  'refuses %s',
  async (query) => {
    expect((await app.inject(`/summary?${query}`)).statusCode).toBe(400);
  },
);

test('an event that is not as agreed is refused, so that it ends in the dead letters', async () => {
  await expect(countEvent(db, event('order.confirmed', { totalMinor: 'much' }))).rejects.toThrow();
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});
