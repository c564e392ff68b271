import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { manifest } from './manifest.ts';
import { type InventoryDatabase, inventoryMigrations } from './schema.ts';

const sku = 'BW-0001-BLK-M';
let service: TestService<InventoryDatabase>;
let db: Kysely<InventoryDatabase>;
let app: Server;

beforeAll(async () => {
  service = await openTestService<InventoryDatabase>({ manifest, migrations: inventoryMigrations });
  ({ db } = service);
  app = await service.newServer();
  addRoutes(app, { db, now: () => new Date(), holdSeconds: 60, onEvents: () => {} });
}, 60_000);

afterAll(async () => {
  await service?.stop();
});

function reserve(orderId: string, quantity: number) {
  return app.inject({ method: 'POST', url: '/reservations', payload: { orderId, lines: [{ sku, quantity }] } });
}

describe('the API of inventory', () => {
  it('shows what is left while pieces are held, taken and given back', async () => {
    const left = async (): Promise<number> => (await app.inject(`/stock/${sku}`)).json().available;
    const orderId = randomUUID();
    expect(await left()).toBe(60);
    expect((await reserve(orderId, 2)).statusCode).toBe(201);
    expect(await left()).toBe(58);
    const committed = await app.inject({ method: 'POST', url: `/reservations/${orderId}/commit` });
    expect(committed.json()).toMatchObject({ orderId, status: 'committed', lines: [{ sku, quantity: 2 }] });
    expect(await left()).toBe(58);
    expect((await app.inject({ method: 'DELETE', url: `/reservations/${orderId}` })).statusCode).toBe(204);
    expect(await left()).toBe(60);
  });

  it('says what is left when there is too little', async () => {
    const answer = await reserve(randomUUID(), 61);
    expect(answer.statusCode).toBe(409);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'out_of_stock', left: [{ sku, requested: 61, left: 60 }] });
  });

  it.each<[string, 'GET' | 'POST', string, object | undefined, number, string]>([
    ['no SKU', 'GET', '/stock/nonsense', undefined, 400, 'validation_failed'],
    [
      'no pieces',
      'POST',
      '/reservations',
      { orderId: randomUUID(), lines: [{ sku, quantity: 0 }] },
      400,
      'validation_failed',
    ],
    ['no lines', 'POST', '/reservations', { orderId: randomUUID(), lines: [] }, 400, 'validation_failed'],
    ['nothing to commit', 'POST', `/reservations/${randomUUID()}/commit`, undefined, 404, 'unknown_reservation'],
  ])('refuses %s with a stable code', async (_name, method, url, payload, status, code) => {
    const answer = await app.inject({ method, url, payload });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ status, code });
  });

  it('refuses what comes after a release', async () => {
    const orderId = randomUUID();
    await app.inject({ method: 'DELETE', url: `/reservations/${orderId}` });
    for (const answer of [
      await reserve(orderId, 1),
      await app.inject({ method: 'POST', url: `/reservations/${orderId}/commit` }),
    ]) {
      expect(answer.statusCode).toBe(409);
      expect(answer.json()).toMatchObject({ code: 'reservation_over', status: 409 });
    }
  });
});
